export { LogReader } from './query/readers/log-reader.js';
export { MetricNameReader } from './query/readers/metric-name-reader.js';
export { ServiceReader } from './query/readers/service-reader.js';
export { StatusReader } from './query/readers/status-reader.js';
export { TimeseriesReader } from './query/readers/timeseries-reader.js';
export { TraceReader } from './query/readers/trace-reader.js';
export type { ReadScope } from './query/store.js';
