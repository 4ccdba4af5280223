import assert from 'node:assert/strict'
import { type Overlay, ofKind, type Workload } from './workloads.fixture.ts'

/** The variables of a pod's container as a kubelet makes them; of a field of the pod, what it may be. */
export function environmentOf(overlay: Overlay, { name, container }: Workload): Readonly<Record<string, string>> {
  const given: Record<string, string> = {}
  for (const { configMapRef } of container.envFrom) {
    const maps = ofKind(overlay, 'ConfigMap').filter(({ metadata }) => metadata.name === configMapRef.name)
    assert.equal(maps.length, 1, `${name}: the ConfigMap ${configMapRef.name}`)
    Object.assign(given, maps[0]?.data)
  }
  for (const { name: variable, value, valueFrom } of container.env) {
    if (valueFrom !== undefined) {
      assert.deepEqual(valueFrom, { fieldRef: { fieldPath: 'metadata.name' } }, `${name}: ${variable}`)
      given[variable] = `${name}-0`
    } else given[variable] = (value ?? '').replace(/\$\(([A-Z_]+)\)/g, (_, of: string) => String(given[of]))
  }
  return given
}
