import { colors, fonts, seriesColors, sizes, type ThemeName } from './tokens.js';

/** The ECharts theme object of one theme (`echarts.registerTheme`, or `init(el, chartTheme(theme.value))`). */
export function chartTheme(theme: ThemeName) {
  const c = colors[theme];
  const axis = {
    axisLine: { show: false },
    axisTick: { show: false },
    axisLabel: { color: c['text-3'], fontSize: 11, fontFamily: fonts.sans },
    splitLine: { lineStyle: { color: c.line, width: 1 } },
    nameTextStyle: { color: c['text-3'] },
  };
  return {
    color: [...seriesColors[theme]],
    backgroundColor: 'transparent',
    animation: false,
    textStyle: { fontFamily: fonts.sans, fontSize: sizes.table, color: c['text-2'] },
    title: { textStyle: { color: c['text-1'], fontSize: 15, fontWeight: 600 } },
    legend: { textStyle: { color: c['text-2'] }, inactiveColor: c['text-3'] },
    tooltip: {
      backgroundColor: c['bg-2'],
      borderColor: c.line,
      borderWidth: 1,
      padding: [6, 10],
      textStyle: { color: c['text-1'], fontSize: sizes.table, fontFamily: fonts.sans },
      extraCssText: 'border-radius:6px;box-shadow:0 4px 16px rgb(0 0 0 / 24%);font-variant-numeric:tabular-nums',
      axisPointer: { lineStyle: { color: c['text-3'], width: 1 }, crossStyle: { color: c['text-3'] } },
    },
    timeAxis: { ...axis, splitLine: { show: false } },
    categoryAxis: { ...axis, splitLine: { show: false } },
    valueAxis: axis,
    logAxis: axis,
    line: { symbol: 'none', smooth: false, lineStyle: { width: 1.5 } },
  };
}
