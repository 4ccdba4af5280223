import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { generated } from './generated.ts'

/** Writes the files of this folder that are made of code; a test says when they are not what it makes. */
for (const [name, text] of Object.entries(generated())) writeFileSync(join(import.meta.dirname, name), text)
