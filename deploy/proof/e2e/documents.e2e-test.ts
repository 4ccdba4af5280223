import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { developmentSecret } from '@micropay/local/issuer/personas'
import { repositoryRoot } from '@micropay/local/running'
import { systemClock } from '@micropay/runtime/clock'
import { PROPOSAL_DAYS } from '@micropay/schemas/api/approval'
import { VerifyLine } from '@micropay/schemas/api/audit'
import { clientCredentials } from '@micropay/sdk/access-token'
import { compareAnswer, movedBy } from '../documents/compare-answer.ts'
import { type Example, examplesIn } from '../documents/examples.ts'
import { type Product, startProduct } from './product.fixture.ts'

const begunMs = systemClock.nowMs()
let product: Product
before(async () => {
  product = await startProduct()
})
after(() => product[Symbol.asyncDispose]())

const shell = promisify(execFile)
type Variables = Readonly<Record<string, string>>

/** A line of a document in a shell of people, with the address of this start. */
async function inShell(line: string, variables: Variables): Promise<string> {
  const here = line.replaceAll('http://127.0.0.1:8080', product.running.url)
  const { stdout } = await shell('bash', ['-euc', here], { env: { ...process.env, ...variables } })
  return stdout
}

/** What the document sets. The issuer is asked for its tokens without the command, which takes a second for each. */
async function variablesOf(setup: string): Promise<Variables> {
  const command = /\$\(npx pnpm@12 --silent micropay token ([a-z]+)\)/g
  const personas = [...new Set([...setup.matchAll(command)].map(([, persona = '']) => persona))]
  const tokens = new Map(await Promise.all(personas.map(async (persona) => [persona, await tokenOf(persona)] as const)))
  const names = [...setup.matchAll(/^([A-Z]+)=/gm)].map(([, name = '']) => name)
  const lines = setup.replace(command, (_, persona: string) => tokens.get(persona) ?? '')
  const values = await inShell(`${lines}\n${names.map((name) => `printf '%s\\n' "$${name}"`).join('\n')}`, {})
  return Object.fromEntries(values.split('\n').map((value, index) => [names[index] ?? '', value]))
}

function tokenOf(persona: string): Promise<string> {
  return clientCredentials(product.running.issuer, { id: persona, secret: developmentSecret })()
}

type Told = { readonly status: number; readonly body: unknown }

const toldStatus = `curl() { command curl -sS --max-time 30 -H 'Prefer: wait=10' -w '\\n%{http_code}' "$@"; }`

async function ask(command: string, variables: Variables): Promise<Told> {
  const [, body = '', status] = /^(.*)\n(\d{3})$/s.exec(await inShell(`${toldStatus}\n${command}`, variables)) ?? []
  return { status: Number(status), body: JSON.parse(body) }
}

/** By how many commits this ledger is ahead of the one that the document shows, by the first id that is told. */
function movedSince({ answer }: Example, { body }: Told): number {
  const [shown, came] = [answer, JSON.stringify(body)].map((text) => Number(/pay-0-(\d+)/.exec(text)?.[1]))
  return Number(came) - Number(shown)
}

test('every command of docs/payments.md is answered as it shows', { timeout: 120_000 }, async () => {
  const { setup, examples } = examplesIn(readFileSync(join(repositoryRoot, 'docs/payments.md'), 'utf8'))
  assert.ok(examples.length > 40, 'a payment of each kind is shown')
  const variables = await variablesOf(setup)
  let moved: number | undefined
  const wrong: string[] = []
  for (const example of examples) {
    const told = await ask(movedBy(moved ?? 0, example.command), variables)
    moved ??= movedSince(example, told)
    const latestMs = systemClock.nowMs() + PROPOSAL_DAYS * 86_400_000
    const today = new Date(systemClock.nowMs()).toISOString().slice(0, 10)
    const different = compareAnswer(movedBy(moved, example.answer), told.body, { begunMs, latestMs, today })
    const status = told.status === example.status ? [] : [`the status is ${told.status} and not ${example.status}`]
    wrong.push(...[...status, ...different].map((text) => `docs/payments.md:${example.line}: ${text}`))
  }
  assert.deepEqual(wrong, [])
})

test('a log with all of it is sound, the figures that a closing seals too', async () => {
  const answer = await fetch(`${product.running.url}/v1/audit/partitions/0/verify`, {
    headers: { authorization: `Bearer ${await tokenOf('vera')}` },
  })
  const last = VerifyLine.parse(JSON.parse((await answer.text()).trimEnd().split('\n').at(-1) ?? ''))
  assert.ok('result' in last)
  assert.deepEqual(last.result.verification.faults, [])
})
