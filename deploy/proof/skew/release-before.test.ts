import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { releaseBefore } from './release-before.ts'

/** A repository of two commits, of which the second is an hour younger, and the folders of kept ledgers. */
async function repositoryWith(kept: (commits: readonly [string, string]) => readonly string[]) {
  const root = await mkdtemp(join(tmpdir(), 'micropay-skew-'))
  const git = (args: readonly string[], hour = 8) => {
    const date = `2026-03-01T0${hour}:00:00Z`
    const env = { ...process.env, GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date }
    return execFileSync('git', ['-C', root, '-c', 'user.name=x', '-c', 'user.email=x', ...args], {
      env,
      encoding: 'utf8',
    })
  }
  const commit = (hour: number) => {
    git(['commit', '--quiet', '--allow-empty', '--message', `at ${hour}`], hour)
    return git(['rev-parse', '--short=7', 'HEAD']).trim()
  }
  git(['init', '--quiet'])
  const commits = [commit(8), commit(9)] as const
  for (const name of kept(commits)) await mkdir(join(root, 'deploy/proof/ledgers', name), { recursive: true })
  return { root, commits }
}

test('the release before is the youngest commit of which a ledger is kept', async (context) => {
  const { root, commits } = await repositoryWith(([one, other]) => [one, other])
  context.after(() => rm(root, { recursive: true }))
  const { hash, title } = await releaseBefore(root)
  assert.ok(hash.startsWith(commits[1]))
  assert.equal(title, 'at 9')
})

test('a checkout without its history says so', async (context) => {
  const { root } = await repositoryWith(([one]) => [one, 'abcdef0'])
  context.after(() => rm(root, { recursive: true }))
  await assert.rejects(releaseBefore(root), /the commit abcdef0, .* is not in the history .*--unshallow/)
})
