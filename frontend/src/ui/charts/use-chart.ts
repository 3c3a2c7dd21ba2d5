import { useElementSize } from '@vueuse/core';
import type { ECharts, EChartsCoreOption } from 'echarts/core';
import { onScopeDispose, shallowRef, watch, type Ref, type ShallowRef } from 'vue';

export interface ChartHandle {
  /** Null until the library is loaded and the element has a size. */
  readonly chart: Readonly<ShallowRef<ECharts | null>>;
  readonly width: Readonly<Ref<number>>;
  readonly height: Readonly<Ref<number>>;
}

/**
 * An ECharts instance in an element: loaded when first needed, drawn anew whenever what the option reads changes (data,
 * theme, zone, size), disposed with the component. Data never moves by animation.
 *
 * @param option reads reactive state; null draws nothing.
 * @throws nothing; a chart library that can't be loaded leaves the element empty and is reported to the window's error
 *   handler.
 */
export function useChart(element: Ref<HTMLElement | null>, option: () => EChartsCoreOption | null): ChartHandle {
  const chart = shallowRef<ECharts | null>(null);
  const { width, height } = useElementSize(element);
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
    [chart, option],
    ([instance, next]) => {
      if (!instance) return;
      if (next) instance.setOption({ animation: false, ...next }, { notMerge: true });
      else instance.clear();
    },
    { flush: 'post' },
  );
  onScopeDispose(() => {
    isDisposed = true;
    dispose();
  });
  return { chart, width, height };
}
