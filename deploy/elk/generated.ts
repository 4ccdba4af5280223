import { indexTemplate } from './index-template.ts'
import { savedObjectLines } from './kibana.ts'

/** The files of this folder that are made of code, by name. */
export function generated(): Readonly<Record<string, string>> {
  return {
    'index-template.json': `${JSON.stringify(indexTemplate(), null, 2)}\n`,
    'kibana.ndjson': savedObjectLines(),
  }
}
