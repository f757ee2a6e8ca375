/**
 * Tests with processes and real time. One that fails while more wants a CPU than there are is tried again, since such a machine stands
 * still for seconds; on any other it fails at once.
 */
import { availableParallelism, loadavg } from 'node:os'
import { test as once, type TestContext, type TestFn, type TestOptions } from 'node:test'

const MOST_TIMES = 3
/** Tasks that want a CPU, for each of them, over the last minute. */
const BUSY = 2

/** As that of node:test. */
export function test(name: string, ...[first, second]: [TestFn] | [TestOptions, TestFn]): void {
  const [options, run] = typeof first === 'function' ? [{}, first] : [first, second]
  if (!run) throw new Error('a test has a function')
  void once(name, options, async context => patiently(run, context))
}

export const it = test

/** What such a machine says of times is about itself. */
export function isBusy(): boolean {
  return (loadavg()[0] ?? 0) >= BUSY * availableParallelism()
}

async function patiently(run: TestFn, context: TestContext): Promise<void> {
  for (let time = 1; ; time++) {
    const attempt = new Attempt(context)
    try {
      return await run(attempt.context, () => {})
    } catch (error) {
      if (time === MOST_TIMES || !isBusy()) throw error
      context.diagnostic(`failed beside a load of ${loadavg()[0]}, and is tried again: ${error}`)
    } finally {
      await attempt.end()
    }
  }
}

/** What is to be done after a test is done after each attempt. */
class Attempt {
  readonly context: TestContext
  readonly #after: (() => unknown)[] = []

  constructor(context: TestContext) {
    const after = (done: () => unknown) => void this.#after.push(done)
    this.context = new Proxy(context, {
      get(target, name) {
        if (name === 'after') return after
        const value: unknown = Reflect.get(target, name, target)
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
  }

  async end(): Promise<void> {
    for (const done of this.#after.splice(0)) await done()
  }
}
