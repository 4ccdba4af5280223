import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { stages } from './test-files.ts'

const repository = resolve(import.meta.dirname, '..')
const read = (path: string) => readFileSync(join(repository, path), 'utf8')
const jenkinsfile = read('Jenkinsfile')
const scripts: Readonly<Record<string, string>> = JSON.parse(read('package.json')).scripts
const commands = [...jenkinsfile.matchAll(/\bsh '([^']+)'/g)].map(([, command = '']) => command)

/** What a change goes through, and what a release does, in this order: nothing leaves before all of it is passed. */
const order = [
  ...['Install', 'Lint', 'Types', 'Unit', 'Integration', 'E2E', 'Simulate', 'Mutants', 'Bench compare', 'SBOM'],
  ...['SonarQube', 'Containers', 'Image', 'Publish image', 'Sign', 'Publish packages'],
  ...['Deploy to staging', 'Smoke', 'Promote', 'Roll back'],
]
const holders = ['Night', 'Change', 'Release']

test('the stages of Jenkinsfile are in order, and each but those that hold others does something', () => {
  const found = [...jenkinsfile.matchAll(/stage\('([^']+)'\)/g)].map(([, name = '']) => name)
  assert.deepEqual(
    found.filter((name) => !holders.includes(name)),
    order,
  )
  assert.equal(found.length, order.length + holders.length)
  const blocks = jenkinsfile.split(/stage\('/).slice(1)
  for (const block of blocks.filter((text) => !/^[^']+'\) \{[\s\S]*?\bstages \{/.test(text))) {
    assert.match(block, /\bsteps \{[\s\S]*\bsh '/, block.split("'")[0])
  }
})

test('every step of Jenkinsfile calls what is there, with flags that it knows', () => {
  assert.ok(commands.length >= order.length)
  for (const command of commands) {
    const script = /npx --yes pnpm@12 (?:run )?(?!install)([\w:-]+)/.exec(command)?.[1]
    const files = [...command.matchAll(/(?:^| )((?:\.ci|deploy)\/[\w./-]+)/g)].map(([, path = '']) => path)
    assert.ok(script !== undefined || files.length > 0, `${command} calls nothing of ours`)
    for (const path of files) assert.ok(existsSync(join(repository, path)), path)
    if (script === undefined) continue
    const program = /^node .*?(\S+\.ts)$/.exec(scripts[script] ?? '')?.[1]
    assert.ok(scripts[script] !== undefined, `package.json has no script ${script}`)
    const flags = [...command.matchAll(/ --([a-z]+) /g)].map(([, flag = '']) => flag).filter((flag) => flag !== 'yes')
    if (flags.length === 0) continue
    const source = globSync(join(String(program?.replace(/[^/]+$/, '')), '{main,arguments,test}.ts'), {
      cwd: repository,
    })
      .map(read)
      .join('\n')
    for (const flag of flags) assert.match(source, new RegExp(`\\b${flag}: \\{ type: 'string'`), command)
  }
  const stagesCalled = commands.flatMap((command) => / --only (\w+)/.exec(command)?.[1] ?? [])
  assert.deepEqual(['checks', ...stagesCalled], [...stages])
})

test('no secret and no host stands in Jenkinsfile, and Groovy, which would show it, fills in no shell text', () => {
  assert.doesNotMatch(jenkinsfile, /(?<![.\w])sh\s*\(?"/)
  assert.doesNotMatch(jenkinsfile, /https?:\/\//)
  const credentials = [...jenkinsfile.matchAll(/credentialsId: ['"]([^'"]+)['"]/g)]
  assert.ok(credentials.length >= 8)
  const documented = read('docs/releasing.md')
  for (const [, id = ''] of credentials) {
    assert.ok(documented.includes(`\`${id.replace(/\$\{.*\}/, 'staging')}\``), `docs/releasing.md does not name ${id}`)
  }
})

test('the scripts that Jenkins calls are ones that a shell can read', () => {
  const shell = globSync('deploy/release/*.sh', { cwd: repository })
  assert.ok(shell.length >= 6)
  for (const path of [...shell, '.ci/sonar']) {
    execFileSync(path.startsWith('.ci') ? 'bash' : 'sh', ['-n', path], { cwd: repository })
  }
})
