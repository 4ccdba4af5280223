import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** Which release of MicroPay this process is of, and which commit; null where nobody says. */
export type Build = { readonly version: string; readonly commit: string | null }

let read: Build | undefined

/** The version that package.json has, and the commit that the image was built from, or that is checked out. */
export function buildOf(environment: NodeJS.ProcessEnv = process.env): Build {
  read ??= readBuild(resolve(import.meta.dirname, '../..'), environment)
  return read
}

export function readBuild(root: string, { MICROPAY_COMMIT }: NodeJS.ProcessEnv): Build {
  const manifest: unknown = JSON.parse(textOf(join(root, 'package.json')) ?? '{}')
  const version = manifest && typeof manifest === 'object' && 'version' in manifest ? manifest.version : undefined
  return { version: String(version ?? 'unknown'), commit: commitIn(MICROPAY_COMMIT) ?? checkedOut(root) ?? null }
}

/** The commit that is checked out, as git keeps it: without git, which an image has not. */
function checkedOut(root: string): string | undefined {
  // A second work tree has a file there that says where its own folder is.
  const elsewhere = /^gitdir: (.+)$/m.exec(textOf(join(root, '.git')) ?? '')?.[1]
  const own = elsewhere === undefined ? join(root, '.git') : resolve(root, elsewhere)
  const shared = resolve(own, textOf(join(own, 'commondir'))?.trim() ?? '.')
  const head = textOf(join(own, 'HEAD'))
  const reference = /^ref: (refs\/[\w./-]+)$/m.exec(head ?? '')?.[1]
  if (reference === undefined) return commitIn(head)
  const packed = textOf(join(shared, 'packed-refs'))
    ?.split('\n')
    .find((line) => line.endsWith(` ${reference}`))
  return commitIn(textOf(join(shared, reference))) ?? commitIn(packed?.split(' ')[0])
}

function commitIn(text: string | undefined): string | undefined {
  return /^[0-9a-f]{7,64}$/.exec(text?.trim() ?? '')?.[0]
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
