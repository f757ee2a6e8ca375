/** The part of it that the build uses; the package has no types. */
declare module 'fontverter' {
  const fontverter: {
    /** A font of any of the formats as another one. */
    convert(font: Uint8Array, toFormat: 'sfnt' | 'woff' | 'woff2'): Promise<Uint8Array>
  }
  export default fontverter
}
