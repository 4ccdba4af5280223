import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CLOSE_WITHIN_MS } from '@micropay/runtime/close-on-signal'
import { type Overlay, ofKind, overlays, servicesOf, type Workload, workloadsOf } from './workloads.fixture.ts'

/** Each rule once for every pod of every overlay, so that none can be left out. */
function eachPod(check: (workload: Workload, overlay: Overlay) => void): void {
  for (const overlay of overlays) {
    const workloads = workloadsOf(overlay)
    assert.ok(workloads.length >= 9)
    for (const workload of workloads) check(workload, overlay)
  }
}

test('no pod runs as root, gains rights, writes to its image, or has a token for the API of the cluster', () => {
  eachPod(({ name, pod, container }) => {
    assert.deepEqual(
      { ...Object(pod.securityContext), fsGroupChangePolicy: undefined },
      {
        ...{ runAsNonRoot: true, runAsUser: 10001, runAsGroup: 10001, fsGroup: 10001, fsGroupChangePolicy: undefined },
        seccompProfile: { type: 'RuntimeDefault' },
      },
      name,
    )
    assert.deepEqual(
      container.securityContext,
      { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
      name,
    )
    assert.equal(pod.automountServiceAccountToken, false, name)
    assert.equal(pod.enableServiceLinks, false, name)
    for (const forbidden of ['hostNetwork', 'hostPID', 'hostIPC', 'shareProcessNamespace', 'initContainers']) {
      assert.equal(pod[forbidden], undefined, `${name}: ${forbidden}`)
    }
  })
})

test('the namespace refuses pods that are not restricted', () => {
  for (const overlay of overlays) {
    const [namespace, ...others] = ofKind(overlay, 'Namespace')
    assert.deepEqual(others, [])
    assert.equal(namespace?.metadata.labels['pod-security.kubernetes.io/enforce'], 'restricted')
  }
})

test('each pod has a service account of its own, without a token', () => {
  for (const overlay of overlays) {
    const accounts = ofKind(overlay, 'ServiceAccount')
    const used = workloadsOf(overlay).map(({ pod }) => pod.serviceAccountName)
    assert.deepEqual(used.toSorted(), accounts.map(({ metadata }) => metadata.name).toSorted())
    for (const account of accounts) assert.equal(account.automountServiceAccountToken, false, account.metadata.name)
  }
})

test('memory and the disk of each pod are bounded, and outside of one small machine all memory is reserved', () => {
  eachPod(({ name, container, pod }, overlay) => {
    const { requests, limits } = container.resources
    for (const kind of ['cpu', 'memory', 'ephemeral-storage']) assert.match(requests[kind] ?? '', /^[1-9]/, name)
    for (const kind of ['memory', 'ephemeral-storage']) assert.match(limits[kind] ?? '', /^[1-9]/, name)
    if (overlay !== 'local') assert.equal(requests.memory, limits.memory, name)
    for (const { emptyDir, name: volume } of pod.volumes) if (emptyDir) assert.ok(emptyDir.sizeLimit, volume)
  })
})

test('what is mounted is there, secrets are read by the group alone, and each volume is used', () => {
  eachPod(({ name, pod, container, volumeClaims }) => {
    const claimed = Array.isArray(volumeClaims) ? volumeClaims.map(({ metadata }) => String(metadata.name)) : []
    const volumes = [...pod.volumes.map((volume) => volume.name), ...claimed]
    assert.deepEqual(container.volumeMounts.map((mount) => mount.name).toSorted(), volumes.toSorted(), name)
    for (const { secret, projected } of pod.volumes) {
      const mode = (secret ?? projected)?.defaultMode
      assert.ok(mode === undefined || mode === 0o440, name)
    }
    const written = container.volumeMounts.filter(({ readOnly }) => !readOnly).map((mount) => mount.mountPath)
    assert.ok(
      written.every((path) => ['/tmp', '/var/lib/micropay', '/data'].includes(path)),
      `${name} writes ${written}`,
    )
  })
})

test('kubelets ask each service on its port for probes, and what is wrong behind a process restarts nothing', () => {
  for (const overlay of overlays) {
    for (const { name, container } of servicesOf(overlay)) {
      const port = name === 'issuer' ? 'http' : 'health'
      assert.deepEqual(container.startupProbe?.httpGet, { path: '/health/live', port }, name)
      assert.deepEqual(container.livenessProbe?.httpGet, { path: '/health/live', port }, name)
      assert.deepEqual(container.readinessProbe?.httpGet, { path: '/health/ready', port }, name)
      const { periodSeconds = 0, failureThreshold = 0 } = container.startupProbe ?? {}
      // A worker listens only once the brokers answer, and is not ended meanwhile.
      assert.equal(periodSeconds * failureThreshold, name === 'write-side' ? 1_800 : 120, name)
    }
  }
})

test('each service has the time that it takes to close, behind its hook', () => {
  const leastSeconds = CLOSE_WITHIN_MS / 1_000 + 5
  eachPod(({ name, pod, container }) => {
    const hookSeconds = container.lifecycle?.preStop.sleep.seconds ?? 0
    assert.ok(pod.terminationGracePeriodSeconds >= hookSeconds + leastSeconds, name)
    assert.equal(hookSeconds > 0, name === 'gateway', `${name}: balancers hear of a gateway that ends before it does`)
  })
})

test('instances of a service are spread over zones and nodes, and one at a time is taken away', () => {
  for (const overlay of overlays) {
    const budgets = new Map(ofKind(overlay, 'PodDisruptionBudget').map(({ metadata, spec }) => [metadata.name, spec]))
    const services = servicesOf(overlay).filter(({ name }) => name !== 'issuer')
    assert.deepEqual([...budgets.keys()].toSorted(), services.map(({ name }) => name).toSorted())
    for (const { name, pod } of services) {
      assert.deepEqual(budgets.get(name), {
        ...{ maxUnavailable: 1, unhealthyPodEvictionPolicy: 'AlwaysAllow' },
        selector: { matchLabels: { 'app.kubernetes.io/name': name } },
      })
      assert.deepEqual(
        pod.topologySpreadConstraints.map(({ topologyKey }) => topologyKey),
        ['topology.kubernetes.io/zone', 'kubernetes.io/hostname'],
      )
    }
  }
})

test('outside of a machine for trying out, images are named by digest', () => {
  for (const overlay of overlays) {
    for (const { name, container } of workloadsOf(overlay)) {
      const image = overlay === 'local' ? /^micropay(-issuer)?:local$/ : /^[a-z0-9./-]+@sha256:[0-9a-f]{64}$/
      assert.match(container.image, image, name)
    }
  }
})
