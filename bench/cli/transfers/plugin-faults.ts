/** What `bench send` and `bench receive` say when a plug-in's code, which runs in this process there, throws. */
import { errorMessage, SetupError, UsageError } from '../../../base/errors.ts'
import type { Context } from '../command.ts'

/**
 * Runs `work`; an error in it, or one that nobody awaits, ends it and becomes a line about the plug-in that it uses.
 * @param used names of its transport and engine @param doing what the plug-in does: `sending`
 * @throws SetupError that names the plug-in; without one, whatever `work` throws
 */
export async function namingPlugins<T>(
  context: Context,
  { transport, engine }: { readonly transport: string; readonly engine: string },
  doing: string,
  work: (context: Context) => Promise<T>,
): Promise<T> {
  const { catalog, signal } = context
  const used = catalog.plugins.find(
    each => each.transports.includes(transport) || each.engines.includes(engine),
  )
  if (!used) return work(context)
  const fault = new AbortController()
  const take = (error: unknown) => fault.abort(error)
  process.on('uncaughtException', take)
  try {
    const result = await work({ ...context, signal: AbortSignal.any([signal, fault.signal]) })
    fault.signal.throwIfAborted()
    return result
  } catch (thrown) {
    const error: unknown = fault.signal.aborted ? fault.signal.reason : thrown
    if (signal.aborted || error instanceof UsageError || error instanceof SetupError) throw error
    const what = used.transports.includes(transport) ? `transport ${transport}` : `engine ${engine}`
    throw new SetupError(
      `plug-in ${used.name} ${used.version}: its ${what} fails while ${doing}: ${errorMessage(error)}; mend it, or leave --plugin out`,
      { cause: error },
    )
  } finally {
    process.off('uncaughtException', take)
  }
}
