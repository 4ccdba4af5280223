import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { generated } from './generated.ts'

/** Writes the dashboards; a test says when they are not what the code makes. */
for (const [name, text] of Object.entries(generated()))
  writeFileSync(join(import.meta.dirname, 'dashboards', name), text)
