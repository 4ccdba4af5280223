import { writeSync } from 'node:fs'
import { MARK, META } from '../partition-tables.ts'
import { openLmdbTables } from './tables.ts'

/**
 * `node other-fold-main.ts PATH`: prints the mark of a state of another version of the code as it stands there, which
 * every version has kept as JSON under the same name.
 */
const [path = ''] = process.argv.slice(2)
const tables = openLmdbTables(path, { readOnly: true })
const mark = tables.open(META, 'text').get(MARK)
writeSync(process.stdout.fd, mark ? Buffer.from(mark).toString() : 'null')
await tables.close()
