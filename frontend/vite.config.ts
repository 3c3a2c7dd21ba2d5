import vue from '@vitejs/plugin-vue';
import UnoCSS from 'unocss/vite';
import { defaultClientConditions, defineConfig } from 'vite';

/** The backend that the development server forwards to. */
const backend = process.env['TF_BACKEND'] ?? 'http://127.0.0.1:3100';

export default defineConfig({
  root: import.meta.dirname,
  plugins: [vue(), UnoCSS({ configFile: `${import.meta.dirname}/uno.config.ts` })],
  resolve: { conditions: ['source', ...defaultClientConditions] },
  define: {
    __VUE_OPTIONS_API__: 'true',
    __VUE_PROD_DEVTOOLS__: 'false',
    __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false',
    __VUE_I18N_FULL_INSTALL__: 'false',
    __VUE_I18N_LEGACY_API__: 'false',
    __INTLIFY_PROD_DEVTOOLS__: 'false',
    __INTLIFY_DROP_MESSAGE_COMPILER__: 'false',
  },
  server: {
    port: 5173,
    proxy: {
      '^/api/': backend,
      '^/v1/': backend,
      '^/socket.io/': { target: backend, ws: true },
    },
  },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    // Fonts stay files: data: URIs would need a wider CSP.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
  },
});
