import type { ECharts, EChartsCoreOption } from 'echarts/core';
import { onScopeDispose, shallowRef, watch, type Ref, type ShallowRef } from 'vue';

/**
 * An ECharts instance in an element: loaded when first needed, drawn anew whenever what the option reads changes (data,
 * theme, zone, size), disposed with the component. Data never moves by animation.
 *
 * @param size of the element in pixels, from `useElementSize`.
 * @param option reads reactive state; null draws nothing.
 * @throws nothing; a chart library that can't be loaded leaves the element empty and is reported to the window's error
 *   handler.
 */
export function useChart(
  element: Readonly<Ref<HTMLElement | null>>,
  { width, height }: { width: Readonly<Ref<number>>; height: Readonly<Ref<number>> },
  option: () => EChartsCoreOption | null,
): Readonly<ShallowRef<ECharts | null>> {
  const chart = shallowRef<ECharts | null>(null);
  let isDisposed = false;

  async function create(host: HTMLElement): Promise<void> {
    const { init } = await import('./echarts.js');
    if (isDisposed || element.value !== host || chart.value) return;
    chart.value = init(host, null, { renderer: 'canvas', width: width.value, height: height.value });
  }

  function dispose(): void {
    chart.value?.dispose();
    chart.value = null;
  }

  watch(
    [element, () => width.value > 0 && height.value > 0],
    ([host, hasSize]) => {
      if (chart.value && chart.value.getDom() !== host) dispose();
      if (host && hasSize && !chart.value) void create(host);
    },
    { immediate: true, flush: 'post' },
  );
  watch([chart, width, height], ([instance, w, h]) => {
    if (instance && w > 0 && h > 0) instance.resize({ width: w, height: h });
  });
  watch(
    () => (chart.value ? { instance: chart.value, next: option() } : null),
    (drawn) => {
      if (drawn?.next) drawn.instance.setOption({ animation: false, ...drawn.next }, { notMerge: true });
      else drawn?.instance.clear();
    },
    { flush: 'post' },
  );
  onScopeDispose(() => {
    isDisposed = true;
    dispose();
  });
  return chart;
}
