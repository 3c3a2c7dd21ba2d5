import access from '../ui/access/locales/id.json';
import charts from '../ui/charts/locales/id.json';
import form from '../ui/form/locales/id.json';
import explorer from '../ui/explorer/locales/id.json';
import records from '../ui/records/locales/id.json';
import serviceTable from '../ui/services/locales/id.json';
import send from '../ui/send/locales/id.json';
import views from '../ui/views/locales/id.json';
import frame from './id.json';
import { byFeature } from './features.js';

export default {
  ...frame,
  access,
  charts,
  explorer,
  form,
  records,
  send,
  serviceTable,
  views,
  ...byFeature(import.meta.glob('../features/*/locales/id.json', { eager: true, import: 'default' })),
};
