import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ServiceRow, serviceTable } from '@micropay/local/start/service-table'
import { callers } from '@micropay/runtime/tls/callers'
import { spiffeId } from '@micropay/runtime/tls/spiffe'
import { environmentOf } from './environment.fixture.ts'
import { type Overlay, ofKind, overlays, servicesOf, type Workload } from './workloads.fixture.ts'

const rows: readonly ServiceRow[] = serviceTable
const rowsOf = (overlay: Overlay) => rows.filter(({ kind }) => overlay === 'local' || kind !== 'issuer')

/** Each service of an overlay with its row of the table. */
function eachService(check: (workload: Workload, row: ServiceRow, overlay: Overlay) => void): void {
  for (const overlay of overlays) {
    for (const row of rowsOf(overlay)) {
      const workload = servicesOf(overlay).find(({ name }) => name === row.name)
      assert.ok(workload, `${overlay} has ${row.name}`)
      check(workload, row, overlay)
    }
  }
}

test('an overlay runs the services of the table and no other, and the development issuer on one machine alone', () => {
  for (const overlay of overlays) {
    assert.deepEqual(
      servicesOf(overlay)
        .map(({ name }) => name)
        .toSorted(),
      rowsOf(overlay)
        .map(({ name }) => name)
        .toSorted(),
    )
  }
  eachService(({ container, labels }, { main, kind, name }) => {
    assert.deepEqual(container.command, ['node', main], name)
    assert.equal(labels['micropay.io/tier'], kind === 'issuer' ? undefined : kind, name)
  })
})

test('workers keep their state in volumes of their own, and no one else keeps any', () => {
  eachService(({ kind, container, volumeClaims }, { name, needs }) => {
    const keeps = name === 'write-side'
    assert.equal(kind, keeps ? 'StatefulSet' : 'Deployment', name)
    assert.equal(Array.isArray(volumeClaims), keeps, name)
    if (!needs.includes('state-directory')) return
    const directory = container.env.find((variable) => variable.name === 'STATE_DIRECTORY')?.value ?? ''
    const mount = container.volumeMounts.find(({ mountPath }) => directory.startsWith(mountPath))
    assert.equal(mount?.name, 'state', name)
  })
})

test('each worker has a name that outlives its pod, and says where the others reach it', () => {
  for (const overlay of overlays) {
    const [worker] = servicesOf(overlay).filter(({ name }) => name === 'write-side')
    const [service] = ofKind(overlay, 'Service').filter(({ metadata }) => metadata.name === 'write-side')
    assert.ok(worker)
    const { ADVERTISED_URL, WORKER_ID } = environmentOf(overlay, worker)
    assert.equal(ADVERTISED_URL, `https://${WORKER_ID}.write-side:8080`)
    // Others speak with one that stands by or starts, which is not ready.
    assert.deepEqual(
      { ...Object(service?.spec), ports: undefined },
      {
        ...{ clusterIP: 'None', publishNotReadyAddresses: true, ports: undefined },
        selector: { 'app.kubernetes.io/name': 'write-side' },
      },
    )
  }
})

test('there are no more workers than partitions: an update would wait for ever for one without a share', () => {
  for (const overlay of overlays) {
    const [worker] = servicesOf(overlay).filter(({ name }) => name === 'write-side')
    assert.ok(worker)
    const { PARTITIONS } = environmentOf(overlay, worker)
    assert.ok(Number(worker.replicas) <= Number(PARTITIONS), `${worker.replicas} of ${PARTITIONS}`)
    assert.ok(overlay === 'local' || Number(worker.replicas) >= 2, 'two of each')
  }
})

test('the gateway is told of every service that it asks, by a name that leads to each instance', () => {
  for (const overlay of overlays) {
    const [gateway] = servicesOf(overlay).filter(({ name }) => name === 'gateway')
    assert.ok(gateway)
    const given = environmentOf(overlay, gateway)
    const projections = rows.filter(({ kind }) => kind === 'projection')
    assert.deepEqual(
      given.PROJECTIONS_URLS?.split(',').toSorted(),
      projections.map(({ name, database }) => `${database}=dns+https://${name}:8080`).toSorted(),
    )
    for (const { name, kind } of rows) {
      if (kind !== 'write-side' && kind !== 'read-side' && kind !== 'projection') continue
      if (kind !== 'projection') {
        assert.equal(given[`${name.toUpperCase().replaceAll('-', '_')}_URL`], `dns+https://${name}:8080`)
      }
      const [service] = ofKind(overlay, 'Service').filter(({ metadata }) => metadata.name === name)
      const { clusterIP, ports, selector } = Object(service?.spec)
      assert.equal(clusterIP, 'None', `${name}: the name has the address of each instance`)
      assert.deepEqual(selector, { 'app.kubernetes.io/name': name })
      assert.deepEqual(ports, [{ name: 'https', port: 8080, targetPort: 'https', appProtocol: 'https' }])
    }
  }
})

test('each service has a certificate that names it and nobody else, and is renewed at half of its life', () => {
  for (const overlay of overlays) {
    const certificates = ofKind(overlay, 'Certificate')
    const named = certificates.flatMap(({ spec }) => Object(spec).uris ?? [])
    assert.deepEqual(named.toSorted(), Object.keys(callers).map(spiffeId).toSorted())
    for (const workload of servicesOf(overlay)) {
      if (workload.name === 'issuer') continue
      const secrets = workload.pod.volumes.filter((volume) => volume.name === 'certificates')
      const [certificate, ...others] = certificates.filter(
        ({ spec }) => Object(spec).secretName === secrets[0]?.secret?.secretName,
      )
      const { uris, usages, duration, renewBefore, issuerRef, privateKey } = Object(certificate?.spec)
      assert.deepEqual([uris, others], [[spiffeId(workload.name)], []])
      assert.ok(usages.includes('server auth') && usages.includes('client auth'))
      assert.equal(Number.parseInt(duration, 10), 2 * Number.parseInt(renewBefore, 10))
      assert.deepEqual(issuerRef, { name: 'micropay', kind: 'Issuer', group: 'cert-manager.io' })
      assert.equal(privateKey.rotationPolicy, 'Always')
    }
  }
})

test('nobody is told a number of instances twice: what is scaled has none of its own', () => {
  for (const overlay of overlays) {
    const scalers = [...ofKind(overlay, 'HorizontalPodAutoscaler'), ...ofKind(overlay, 'ScaledObject')]
    const scaled = scalers.map(({ spec }) => String(Object(spec).scaleTargetRef.name))
    assert.equal(new Set(scaled).size, scaled.length)
    if (overlay !== 'local') assert.equal(scaled.length, 7)
    for (const { name, replicas } of servicesOf(overlay)) {
      assert.equal(replicas === undefined, scaled.includes(name), `${overlay}: ${name}`)
    }
  }
})
