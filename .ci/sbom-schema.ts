import { readFileSync } from 'node:fs'
import { findPackageJSON } from 'node:module'
import { dirname, join } from 'node:path'
import { Ajv } from 'ajv'
import formats from 'ajv-formats'

/** What a document has that CycloneDX 1.6 does not allow, a line each: none for a bill of materials that fits. */
export function schemaFaults(document: unknown): readonly string[] {
  const manifest = findPackageJSON('@cyclonedx/cyclonedx-library', import.meta.url)
  if (manifest === undefined) throw new Error('@cyclonedx/cyclonedx-library is not installed: npx pnpm@12 install')
  const read = (name: string): object =>
    JSON.parse(readFileSync(join(dirname(manifest), 'res/schema', `${name}.SNAPSHOT.schema.json`), 'utf8'))
  // The schemas use words that only describe.
  const ajv = new Ajv({ allErrors: true, strict: false })
  for (const name of ['spdx', 'jsf-0.82', 'cryptography-defs']) {
    ajv.addSchema(read(name), `http://cyclonedx.org/schema/${name}.SNAPSHOT.schema.json`)
  }
  formats.default(ajv)
  // Of international names, which ajv-formats does not know.
  for (const name of ['iri-reference', 'idn-email']) ajv.addFormat(name, true)
  const isValid = ajv.compile(read('bom-1.6'))
  if (isValid(document)) return []
  return (isValid.errors ?? []).map(({ instancePath, message }) => `${instancePath || 'the document'} ${message}`)
}
