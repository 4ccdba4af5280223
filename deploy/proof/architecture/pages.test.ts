import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { repositoryRoot } from '@micropay/local/running'
import { serviceSettings } from '../settings/service-settings.fixture.ts'
import { drawn, regionsOf } from './pages.fixture.ts'
import { stagesIn } from './pipeline.ts'
import { fillRegions, heldAndDue, regionsIn } from './regions.ts'

const folder = 'docs/architecture'
const regions = regionsOf(serviceSettings)

for (const [name, ofPage] of Object.entries(regions)) {
  test(`docs/architecture/${name} says what the code says; UPDATE_DOCS=1 writes it anew`, () => {
    const page = heldAndDue(`${folder}/${name}`, (document) => fillRegions(document, ofPage))
    assert.equal(page.held, page.due)
  })
}

for (const [name, draw] of Object.entries(drawn)) {
  test(`docs/diagrams/${name}.mmd is drawn of the code; UPDATE_DOCS=1 draws it anew`, () => {
    const picture = heldAndDue(`docs/diagrams/${name}.mmd`, draw)
    assert.equal(picture.held, picture.due)
  })
}

/** databases.int-test.ts fills these. */
const ofDatabases = ['accounts', 'audit', 'lease', 'projection', 'reconciliation'].map((name) => `database-${name}`)

test('nothing between comments is left to itself, and every picture stands in a page', () => {
  const names = readdirSync(join(repositoryRoot, folder)).filter((name) => name.endsWith('.md'))
  const marked = names.flatMap((name) => regionsIn(readFileSync(join(repositoryRoot, folder, name), 'utf8')))
  const filled = [...Object.values(regions).flatMap((ofPage) => Object.keys(ofPage)), ...ofDatabases]
  assert.deepEqual(marked.toSorted(), filled.toSorted())
  const pictures = readdirSync(join(repositoryRoot, 'docs/diagrams')).map((name) => name.replace(/\.mmd$/, ''))
  assert.deepEqual(pictures.toSorted(), filled.flatMap((name) => /^diagram-(.+)$/.exec(name)?.[1] ?? []).toSorted())
})

test('a region that a document lacks is told, and others stay as they are', () => {
  const document = 'before\n<!-- one -->\n\nold\n\n<!-- /one -->\n<!-- two -->\nkept\n<!-- /two -->\n'
  assert.equal(fillRegions(document, { one: 'new' }), document.replace('old', 'new'))
  assert.throws(() => fillRegions(document, { three: '' }), /no region three/)
})

test('a stage is told with when it runs, how long it may take, and all that it calls; those inside one as it', () => {
  const night = `stage("Night") { options { timeout(time: 7, unit: 'HOURS') } when { triggeredBy 'TimerTrigger' }
    steps { sh '.ci/tools'\n sh(script: "npx pnpm@12 nightly") } }`
  const change = `stage('Change') {
    when { not { anyOf { triggeredBy 'TimerTrigger'; expression { params.ROLL_BACK } } } }
    stages { stage('Lint') { steps { sh 'lint' } } stage('Promote') { when { buildingTag() } steps { sh 'go' } } } }`
  const back = `stage('Back') {
    when { not { triggeredBy 'TimerTrigger' }; expression { params.ROLL_BACK } } steps { sh 'b' } }`
  assert.deepEqual(stagesIn(`${night}${change}${back}`), [
    { name: 'Night', when: 'by night', minutes: '7 hours', calls: ['.ci/tools', 'npx pnpm@12 nightly'] },
    { name: 'Lint', when: 'at each change', minutes: '', calls: ['lint'] },
    { name: 'Promote', when: 'at each change, of tags', minutes: '', calls: ['go'] },
    { name: 'Back', when: 'to roll back', minutes: '', calls: ['b'] },
  ])
  assert.throws(() => stagesIn(`stage('Odd') { when { changeset '**' } steps { sh 'x' } }`), /no words yet/)
})
