import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/** In development the pages come from Vite and everything else from the gateway. */
const gateway = { target: 'http://127.0.0.1:8080', changeOrigin: false }

export default defineConfig({
  plugins: [react(), tailwindcss()],
  server: { proxy: { '/v1': gateway, '/session': gateway } },
  build: {
    outDir: 'dist',
    // `light-dark()`, nesting and oklch as they are: the colours follow `color-scheme` without a copy for each theme.
    target: ['chrome123', 'edge123', 'firefox121', 'safari17.5'],
    // A strict Content-Security-Policy allows no inlined scripts or data: modules.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
})
