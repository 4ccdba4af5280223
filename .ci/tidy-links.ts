import { posix } from 'node:path'
import { finding, type Source } from './tidy-source.ts'

/** A link from a document to a heading leads to one that is there, in the document that it names. */
export function lostLinks(sources: Source[]): string[] {
  const documents = sources.filter(({ path }) => path.endsWith('.md'))
  const anchors = new Map(documents.map(({ path, text }) => [path, anchorsIn(text)]))
  return documents.flatMap(({ path, text }) =>
    text.split('\n').flatMap((line, index) =>
      [...line.matchAll(/\]\(([^)\s#:]*)#([^)\s]+)\)/g)].flatMap(([, to = '', anchor = '']) => {
        const target = to === '' ? path : posix.join(posix.dirname(path), to)
        if (anchors.get(target)?.has(anchor)) return []
        return finding(path, index + 1, `links to ${to}#${anchor}, which is no heading: name one that is there`)
      }),
    ),
  )
}

/** As GitHub makes them of headings: small letters, hyphens for spaces, no punctuation. */
function anchorsIn(text: string): ReadonlySet<string> {
  const headings = [...text.matchAll(/^#+ +(.+?) *$/gm)].map(([, heading = '']) => heading)
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N}_ -]/gu, '')
        .replaceAll(' ', '-'),
    ),
  )
}
