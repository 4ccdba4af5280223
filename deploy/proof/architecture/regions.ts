import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { repositoryRoot } from '@micropay/local/running'

/** By the name of a region what stands between `<!-- name -->` and `<!-- /name -->` of a document. */
export type Regions = Readonly<Record<string, string>>

const marked = /<!-- ([a-z][\w.-]*) -->\n[\s\S]*?\n<!-- \/\1 -->/g

/** The document with each of these regions as it should be; others stay. Throws RangeError for one that it lacks. */
export function fillRegions(document: string, regions: Regions): string {
  const missing = Object.keys(regions).filter((name) => !regionsIn(document).includes(name))
  if (missing.length > 0) throw new RangeError(`the document has no region ${missing.join(', ')}`)
  return document.replace(marked, (whole, name: string) => {
    const content = regions[name]
    return content === undefined ? whole : `<!-- ${name} -->\n\n${content}\n\n<!-- /${name} -->`
  })
}

export function regionsIn(document: string): readonly string[] {
  return [...document.matchAll(marked)].map(([, name = '']) => name)
}

/** What a file of the repository holds, and what it should; UPDATE_DOCS=1 writes that, so that both are the same. */
export function heldAndDue(
  path: string,
  due: (held: string) => string,
): { readonly held: string; readonly due: string } {
  const file = join(repositoryRoot, path)
  if (process.env.UPDATE_DOCS) {
    const written = due(readFileSync(file, { encoding: 'utf8', flag: 'a+' }))
    writeFileSync(file, written)
    return { held: written, due: written }
  }
  const held = readFileSync(file, 'utf8')
  return { held, due: due(held) }
}
