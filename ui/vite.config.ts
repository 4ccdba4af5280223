import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'

/** In development the pages come from Vite and everything else from the gateway. */
const gateway = { target: 'http://127.0.0.1:8080', changeOrigin: false }

/**
 * Leaves a .gz beside each page, script and style, which the gateway sends to browsers: a third of the bytes,
 * compressed once.
 */
const compressed: Plugin = {
  name: 'compressed',
  apply: 'build',
  async writeBundle({ dir = 'dist' }, bundle) {
    for (const file of Object.keys(bundle).filter((name) => /\.(html|js|css)$/.test(name))) {
      const path = join(dir, file)
      await writeFile(`${path}.gz`, gzipSync(await readFile(path), { level: 9 }))
    }
  },
}

export default defineConfig({
  plugins: [react(), tailwindcss(), compressed],
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
