/** What `bench send` and `bench receive` say when a plug-in's code, which runs in this process there, throws. */
import { errorMessage, SetupError, UsageError } from '../../../base/errors.ts'
import type { Context } from '../command.ts'
import { PluginFault } from '../plugins.ts'

/**
 * Runs `work`; an error in it, or a `PluginFault`, ends it and becomes a line about the plug-in that it uses.
 * @param used names of its transports and engine @param doing what the plug-in does: `sending`
 * @throws SetupError that names the plug-in; without one, whatever `work` throws
 */
export async function namingPlugins<T>(
  context: Context,
  { transports, engine }: { readonly transports: readonly string[]; readonly engine: string },
  doing: string,
  work: (context: Context) => Promise<T>,
): Promise<T> {
  const { catalog, signal } = context
  const used = catalog.plugins.find(
    each => transports.some(name => each.transports.includes(name)) || each.engines.includes(engine),
  )
  if (!used) return work(context)
  const faultOf = () => (signal.reason instanceof PluginFault ? signal.reason : undefined)
  try {
    const result = await work(context)
    const fault = faultOf()
    if (fault) throw fault
    return result
  } catch (thrown) {
    const fault = faultOf()
    if (!fault && (signal.aborted || thrown instanceof UsageError || thrown instanceof SetupError))
      throw thrown
    const error = fault ? fault.cause : thrown
    const transport = transports.find(name => used.transports.includes(name))
    const what = transport === undefined ? `engine ${engine}` : `transport ${transport}`
    throw new SetupError(
      `plug-in ${used.name} ${used.version}: its ${what} fails while ${doing}: ${errorMessage(error)}; mend it, or leave --plugin out`,
      { cause: error },
    )
  }
}
