import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { type ServiceName, serviceTable } from '@micropay/local/start/service-table'
import { checkSettings } from '@micropay/runtime/settings/check-settings'
import { fromEnvironment } from '@micropay/runtime/settings/environment'
import { ofEnvironmentAlone, settingNames } from '@micropay/runtime/settings/names'
import { ownSettings } from '@micropay/runtime/settings/own-settings'
import { z } from 'zod'
import { serviceSettings } from '../settings/service-settings.fixture.ts'
import { manifestsOf } from './build-overlay.ts'
import { environmentOf } from './environment.fixture.ts'
import {
  kubernetesFolder,
  type Overlay,
  ofKind,
  overlays,
  servicesOf,
  type Workload,
  workloadsOf,
} from './workloads.fixture.ts'

const Secret = z.object({ metadata: z.object({ name: z.string() }), stringData: z.record(z.string(), z.string()) })
const made = spawnSync('sh', [join(kubernetesFolder, 'make-secrets.sh')], { encoding: 'utf8' })
const secrets = new Map(
  manifestsOf(made.stdout).map((manifest) => {
    const { metadata, stringData } = Secret.parse(manifest)
    return [metadata.name, stringData] as const
  }),
)
const folder = mkdtempSync(join(tmpdir(), 'micropay-kubernetes-'))
after(() => rmSync(folder, { recursive: true, force: true }))

/** What operators make, which no key of is known before: by the Secret, its keys. */
const ofOperators: Readonly<Record<string, readonly string[]>> = {
  'micropay-postgres-ca': ['ca.crt'],
  'micropay-cluster-ca-cert': ['ca.crt'],
  writer: ['password'],
  reader: ['password'],
}

/** The files that a pod has of its Secrets, with what is in them; `given` where an operator makes it. */
function filesOf(overlay: Overlay, { name, pod, container }: Workload): ReadonlyMap<string, string> {
  const certificates = ofKind(overlay, 'Certificate').map(({ spec }) => String(Object(spec).secretName))
  const heldIn = (secret: string) =>
    secrets.get(secret) ??
    Object.fromEntries(
      (ofOperators[secret] ?? (certificates.includes(secret) ? ['ca.crt', 'tls.crt', 'tls.key'] : [])).map((key) => [
        key,
        'given',
      ]),
    )
  const files = new Map<string, string>()
  for (const volume of pod.volumes) {
    const mount = container.volumeMounts.find((each) => each.name === volume.name)?.mountPath ?? ''
    const { secret } = volume
    const sources = secret
      ? [{ name: secret.secretName, items: secret.items }]
      : (volume.projected?.sources ?? []).map((source) => source.secret)
    for (const source of sources) {
      const held = heldIn(source.name)
      assert.notDeepEqual(held, {}, `${name}: nobody makes the Secret ${source.name}`)
      const items = source.items ?? Object.keys(held).map((key) => ({ key, path: key }))
      for (const { key, path } of items) {
        assert.ok(held[key], `${name}: the Secret ${source.name} has no ${key}`)
        files.set(join(mount, path), held[key])
      }
    }
  }
  return files
}

/** The same variables, with files that are there: what names one is made to name it below a folder of the test. */
function withFiles(overlay: Overlay, workload: Workload): NodeJS.ProcessEnv {
  const own = join(folder, overlay, workload.name)
  const files = filesOf(overlay, workload)
  for (const [path, text] of files) {
    mkdirSync(dirname(join(own, path)), { recursive: true })
    writeFileSync(join(own, path), text)
  }
  const given = environmentOf(overlay, workload)
  for (const [name, value] of Object.entries(given)) {
    if (name.endsWith('_FILE')) assert.ok(files.has(value), `${workload.name}: ${name} names ${value}: nobody makes it`)
  }
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => [name, name.endsWith('_FILE') ? join(own, value) : value]),
  )
}

test('make-secrets.sh makes Secrets, each value new and none an example', () => {
  assert.equal(made.status, 0, made.stderr)
  assert.ok(secrets.size >= 11)
  const again = spawnSync('sh', [join(kubernetesFolder, 'make-secrets.sh')], { encoding: 'utf8' })
  const drawn = (text: string) => new Set([...text.matchAll(/[0-9a-f]{64}/g)].map(([value]) => value))
  assert.ok(drawn(made.stdout).size >= 17)
  const second = drawn(again.stdout)
  assert.deepEqual(
    [...drawn(made.stdout)].filter((value) => second.has(value)),
    [],
  )
})

test('each service takes the settings that it is given, in the mode of the overlay, and lacks none', () => {
  for (const overlay of overlays) {
    for (const workload of servicesOf(overlay)) {
      const service = z.enum(serviceTable.map(({ name }) => name) as [ServiceName]).parse(workload.name)
      const schema = serviceSettings[service]
      const names = new Set([...Object.keys(schema.shape), ...Object.keys(ownSettings.shape)])
      const checked = checkSettings(service, schema, fromEnvironment({ names }, withFiles(overlay, workload)))
      assert.deepEqual(checked.faults, undefined, `${overlay}: ${service}`)
      const mode = overlay === 'local' ? 'development' : 'production'
      assert.equal(checked.values?.MICROPAY_MODE, mode)
      const { values } = checked
      assert.equal(values?.HOST, '0.0.0.0', service)
      const port = workload.container.ports.find(({ name }) => name === 'health')?.containerPort
      assert.equal(values?.HEALTH_PORT, port, service)
    }
  }
})

/** Read by Node itself. */
const ofNode = ['NODE_EXTRA_CA_CERTS']
/** Of the job of databases, which reads these alone (deploy/cli/databases). */
const ofJob = /^(ADMIN|LEASE_TELL|(ACCOUNTS|RECONCILIATION|AUDIT)_READ)_DATABASE_URL$/

test('no pod has a variable that nobody reads', () => {
  const known = new Set([...settingNames, ...ofEnvironmentAlone, ...ofNode])
  for (const overlay of overlays) {
    for (const workload of workloadsOf(overlay)) {
      for (const name of Object.keys(environmentOf(overlay, workload))) {
        const setting = known.has(name) ? name : name.replace(/_FILE$/, '')
        const isOfJob = workload.kind === 'Job' && ofJob.test(setting)
        assert.ok(known.has(setting) || isOfJob, `${overlay}: ${workload.name} has ${name}`)
      }
    }
  }
})

test('no secret stands in a manifest: each is in a file of a Secret, and a pod has those that it reads', () => {
  for (const overlay of overlays) {
    assert.deepEqual(ofKind(overlay, 'Secret'), [])
    for (const workload of workloadsOf(overlay)) {
      const given = environmentOf(overlay, workload)
      for (const [name, value] of Object.entries(given)) {
        const isSecret = /(SECRET|PASSWORD|_KEY|DATABASE_URL|REDIS_URL)$/.test(name)
        assert.equal(isSecret, false, `${overlay}: ${workload.name} has ${name}`)
        assert.doesNotMatch(value, /:\/\/[^/]*@/, name)
      }
      if (workload.name === 'valkey') continue
      const unread = [...filesOf(overlay, workload).keys()].filter(
        (path) => path.startsWith('/secrets/') && !Object.values(given).includes(path),
      )
      const shared = overlay === 'local' && workload.name === 'gateway' ? ['/secrets/REDIS_URL'] : []
      assert.deepEqual(unread, shared, `${overlay}: ${workload.name}`)
    }
  }
})

test('the job of databases makes what services are given, with a role for each use', () => {
  const held = secrets.get('databases') ?? {}
  for (const overlay of overlays) {
    const [job] = workloadsOf(overlay).filter(({ kind }) => kind === 'Job')
    assert.ok(job)
    assert.deepEqual(
      Object.keys(withFiles(overlay, job)).toSorted(),
      Object.keys(held)
        .map((name) => `${name}_FILE`)
        .toSorted(),
    )
  }
  const addresses = Object.values(held).map((address) => new URL(address))
  assert.equal(new Set(addresses.map(({ username }) => username)).size, addresses.length, 'a role is for one use')
  const made = new Set(Object.values(held))
  for (const [name, values] of secrets) {
    for (const [key, value] of Object.entries(values)) {
      if (key.endsWith('DATABASE_URL')) assert.ok(made.has(value), `${name}: ${key}`)
    }
  }
  const { username, password } = secrets.get('postgres-superuser') ?? {}
  assert.ok(held.ADMIN_DATABASE_URL?.startsWith(`postgres://${username}:${password}@`))
})

test('where the site keeps secrets, each one that pods or stores name is fetched from there', () => {
  for (const overlay of ['staging', 'production'] as const) {
    const fetched = ofKind(overlay, 'ExternalSecret').map(({ spec }) => String(Object(spec).target.name))
    assert.deepEqual(fetched.toSorted(), [...secrets.keys()].toSorted())
  }
})
