/** Where a machine stands still for a second or two, nothing comes in its time: once in three times it does not. */
export async function onceInThree(holds: () => Promise<void>): Promise<void> {
  for (let left = 2; left > 0; left--)
    try {
      return await holds()
    } catch {
      // Once more; the last one tells.
    }
  await holds()
}
