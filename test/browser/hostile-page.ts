/** A page of results in whose every column stands what would be code somewhere. */
import { loadChartEngine, loadPage } from '../../results/report/assets.ts'
import { buildReport } from '../../results/report/build-report.ts'
import { renderHtml } from '../../results/report/html/page.ts'
import { datagrams, manifest, rounds, stream } from '../support/results-samples.ts'

export const HOSTILE = [
  '</script><script>pwned=1</script>',
  '<img src=x onerror=pwned=1>',
  '"><svg onload=pwned=1>',
  "' onmouseover='pwned=1",
  '{{constructor.constructor("pwned=1")()}}',
  '$\u007bpwned=1}',
  'javascript:pwned=1',
  '\u2028pwned=1\u2029',
  ']]><script>pwned=1</script>',
  '<!--<script>pwned=1//-->',
  '=cmd|calc',
  '\u202egnp.exe',
  '__proto__',
]

export async function hostilePage(): Promise<string> {
  const strange = HOSTILE.flatMap((text, index) => {
    const values = {
      variant: text,
      file: text.slice(0, 30),
      scenario: text,
      host: text,
      cpu_model: text,
      commit: text,
      run_id: `2026${index}`,
      error_message: text,
      error_code: text,
    }
    return [
      ...rounds(2, (round, noise) =>
        round === 1 ? { ...stream(1e9, values), outcome: 'failed' as const } : stream(1e9 * noise, values),
      ),
      ...rounds(2, (_, noise) => datagrams(9e8 * noise, 40, { ...values, transport: text })),
    ]
  })
  const files = [
    {
      label: '</title><img src=x onerror=pwned=1>.csv',
      records: strange,
      manifests: HOSTILE.map(note => ({ ...manifest('run'), note })),
    },
    {
      label: '</style><script>pwned=1</script>.csv',
      records: strange.map(each => ({ ...each, run_id: `${each.run_id}b` })),
    },
  ]
  const title = '</title></h1><script>pwned=1</script>'
  const report = buildReport({
    title,
    note: HOSTILE.join(' '),
    files,
    problems: [...HOSTILE],
    version: '<b>0</b>',
  })
  return renderHtml(report, { ...loadPage(), engine: await loadChartEngine() })
}
