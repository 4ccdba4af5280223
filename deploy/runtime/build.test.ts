import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { readBuild } from './build.ts'

const [one, other] = ['0123456789abcdef0123456789abcdef01234567', 'fedcba9876543210fedcba9876543210fedcba98']

async function checkout(files: Readonly<Record<string, string>>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'micropay-build-'))
  for (const [name, text] of Object.entries({ 'package.json': '{ "version": "1.2.3" }', ...files })) {
    await mkdir(dirname(join(root, name)), { recursive: true })
    await writeFile(join(root, name), text)
  }
  return root
}

for (const [title, files, environment, commit] of [
  ['the branch that is checked out', { '.git/HEAD': 'ref: refs/heads/main\n', '.git/refs/heads/main': one }, {}, one],
  [
    'one whose reference git has packed',
    {
      '.git/HEAD': 'ref: refs/heads/a\n',
      '.git/packed-refs': `# pack-refs\n${other} refs/heads/b/a\n${one} refs/heads/a\n`,
    },
    {},
    one,
  ],
  ['a commit that is checked out by itself', { '.git/HEAD': `${one}\n` }, {}, one],
  [
    'the branch of a second work tree',
    {
      '.git': 'gitdir: main/.git/worktrees/second\n',
      'main/.git/worktrees/second/HEAD': 'ref: refs/heads/second\n',
      'main/.git/worktrees/second/commondir': '../..\n',
      'main/.git/refs/heads/second': one,
    },
    {},
    one,
  ],
  ['what the image was built from, first', { '.git/HEAD': one }, { MICROPAY_COMMIT: other }, other],
  ['none where nobody says', {}, { MICROPAY_COMMIT: '' }, null],
] as const) {
  test(`the commit of a build is ${title}`, async (context) => {
    const root = await checkout(files)
    context.after(() => rm(root, { recursive: true, force: true }))
    assert.deepEqual(readBuild(root, environment), { version: '1.2.3', commit })
  })
}
