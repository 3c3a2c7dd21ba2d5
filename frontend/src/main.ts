import '@fontsource-variable/inter/wght.css';
import '@fontsource-variable/jetbrains-mono/wght.css';
import 'virtual:uno.css';
import './app/base.css';
import { VueQueryPlugin } from '@tanstack/vue-query';
import { createPinia } from 'pinia';
import { createApp } from 'vue';
import App from './app/App.vue';
import { router } from './app/router.js';
import { watchConnection } from './lib/connection.js';
import { syncPreferences } from './lib/preference-sync.js';
import { queryClient } from './lib/query.js';
import { i18n, startI18n } from './locales/index.js';

await startI18n();
watchConnection();
const app = createApp(App).use(createPinia());
syncPreferences();
app.use(i18n).use(VueQueryPlugin, { queryClient }).use(router).mount('#app');
