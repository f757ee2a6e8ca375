/** Pictures that were made, and their decoders, against those of Chromium. */
import assert from 'node:assert/strict'
import { after, before, describe } from 'node:test'
import type { Page } from 'playwright-core'
import { decodePicture, PICTURE_KINDS, type PictureKind } from '../../base/pictures/pictures.ts'
import { makePayload } from '../../transports/payload/made.ts'
import { it } from '../support/patient.ts'
import { Chromium, withoutChromium } from './chromium.ts'

/** How far colours of a JPEG may be apart, on average: its transform is not exact, and colours between samples are guessed. */
const JPEG_DIFFERENCE = 2

describe('pictures in Chromium', { skip: withoutChromium }, () => {
  let chromium: Chromium
  before(async () => {
    chromium = await Chromium.start()
  })
  after(() => chromium[Symbol.asyncDispose]())

  it('of every kind have the pixels that our decoder gives', async () => {
    await using opened = await chromium.open('/dev/null')
    for (const kind of PICTURE_KINDS)
      for (const sizeBytes of [2000, 62_470, 300_001]) {
        const bytes = makePayload(kind, sizeBytes, 7)
        const drawn = await pixelsOf(opened.page, `data:image/${kind};base64,${bytes.toString('base64')}`)
        await assertAlike(kind, bytes, drawn)
      }
  })

  it('that it encodes are decoded as it draws them: PNG with filters, with and without opacity, JPEG', async () => {
    await using opened = await chromium.open('/dev/null')
    for (const [kind, opaque] of [
      ['png', true],
      ['png', false],
      ['jpeg', true],
    ] as const) {
      const address = await opened.page.evaluate(
        ({ type, opaque }) => {
          const canvas = document.createElement('canvas')
          Object.assign(canvas, { width: 217, height: 131 })
          const drawing = canvas.getContext('2d', { alpha: !opaque })
          const colors = drawing?.createLinearGradient(0, 0, 217, 131)
          if (!drawing || !colors) throw new Error('nothing to draw with')
          colors.addColorStop(0, 'gold')
          colors.addColorStop(1, 'navy')
          drawing.fillStyle = colors
          drawing.fillRect(opaque ? 0 : 20, 0, 217, 131)
          drawing.clearRect(opaque ? 0 : 150, 90, opaque ? 0 : 30, 30)
          drawing.strokeText('picture', 30, 60)
          return canvas.toDataURL(type, 0.9)
        },
        { type: `image/${kind}`, opaque },
      )
      const bytes = Buffer.from(address.slice(address.indexOf(',') + 1), 'base64')
      await assertAlike(kind, bytes, await pixelsOf(opened.page, address))
    }
  })
})

async function assertAlike(kind: PictureKind, bytes: Buffer, drawn: Awaited<ReturnType<typeof pixelsOf>>) {
  const found = await decodePicture(kind, bytes)
  assert(found)
  assert.deepEqual([found.width, found.height], [drawn.width, drawn.height])
  const pixels = Buffer.from(drawn.rgba, 'base64')
  assert.equal(pixels.length, found.rgba.length)
  // A canvas keeps no colour of what is transparent.
  const difference = (value: number, at: number) =>
    found.rgba[at | 3] === 0 ? (pixels[at | 3] ?? 0) : Math.abs(value - (pixels[at] ?? 0))
  const sum = found.rgba.reduce((sum, value, at) => sum + difference(value, at), 0)
  const mean = sum / pixels.length
  assert.ok(mean <= (kind === 'jpeg' ? JPEG_DIFFERENCE : 0), `${kind} of ${bytes.length} B: ${mean}`)
}

/** What Chromium draws of a picture at this address; its pixels in base64. */
function pixelsOf(page: Page, address: string) {
  return page.evaluate(async address => {
    const picture = new Image()
    picture.src = address
    await picture.decode()
    const canvas = document.createElement('canvas')
    const { naturalWidth: width, naturalHeight: height } = picture
    Object.assign(canvas, { width, height })
    const drawing = canvas.getContext('2d')
    drawing?.drawImage(picture, 0, 0)
    const { data = new Uint8ClampedArray() } = drawing?.getImageData(0, 0, width, height) ?? {}
    let text = ''
    for (let at = 0; at < data.length; at += 8192)
      text += String.fromCharCode(...data.subarray(at, at + 8192))
    return { width, height, rgba: btoa(text) }
  }, address)
}
