/** The items that there are: `given(a, isB && b)` leaves out what is false or undefined. */
export function given<Item>(...items: readonly (Item | false | undefined)[]): readonly Item[] {
  return items.filter((each): each is Item => each !== false && each !== undefined)
}
