import { BarChart, LineChart, ScatterChart } from 'echarts/charts';
import { GridComponent, MarkAreaComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';

/** The parts of ECharts in use. Imported only by `useChart`, when the first chart is on screen. */
use([LineChart, BarChart, ScatterChart, GridComponent, MarkAreaComponent, CanvasRenderer]);

export { init };
