/** The parts of ECharts that the charts are drawn with: one list for the pictures made here and for those in the browser. */
import { CustomChart, LineChart, ScatterChart } from 'echarts/charts'
import { GridComponent } from 'echarts/components'
import { init, use } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'

use([LineChart, ScatterChart, CustomChart, GridComponent, SVGRenderer])

export { init, use }
