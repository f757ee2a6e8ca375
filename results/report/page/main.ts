/** The script of the page. The page is complete without it, but static. */
import { wakeCharts } from './charts.ts'
import { wakeCopying } from './copying.ts'
import { wakeCsv } from './csv.ts'
import { wakePrinting } from './printing.ts'
import { wakeTables } from './tables.ts'
import { wakeTheme } from './theme.ts'

wakeTheme()
wakeTables()
const charts = wakeCharts()
wakeCopying()
wakeCsv()
wakePrinting(charts)
