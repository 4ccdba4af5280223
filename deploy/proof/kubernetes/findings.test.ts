import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { manifestsIn } from './build-overlay.ts'
import { Exceptions, ofCheckov, ofKubeScore, unanswered } from './findings.ts'
import { kubernetesFolder } from './workloads.fixture.ts'

const score = (grade: number) =>
  JSON.stringify([
    {
      object_name: 'Deployment/apps/v1/micropay/gateway',
      checks: [
        {
          check: { id: 'container-resources' },
          grade,
          skipped: false,
          comments: [{ summary: 'CPU limit is not set' }],
        },
        { check: { id: 'label-values' }, grade: 10, skipped: false, comments: null },
        { check: { id: 'stable-version' }, grade: 1, skipped: true, comments: null },
      ],
    },
  ])

test('what kube-score and checkov say is read as findings on resources, by one name each', () => {
  const says = 'CPU limit is not set'
  const on = 'Deployment/gateway'
  assert.deepEqual(ofKubeScore(score(5)), [{ tool: 'kube-score', check: 'container-resources', on, says }])
  assert.deepEqual(ofKubeScore(score(10)), [])
  const failed = { check_id: 'CKV_K8S_11', check_name: 'CPU limits', resource: 'Deployment.micropay.gateway' }
  assert.deepEqual(ofCheckov(JSON.stringify({ results: { failed_checks: [failed] } })), [
    { tool: 'checkov', check: 'CKV_K8S_11', on, says: 'CPU limits' },
  ])
})

test('a finding needs an answer that is for its resource, and an answer a finding', () => {
  const finding = { tool: 'checkov', check: 'CKV_K8S_11', on: 'Deployment/gateway', says: '' }
  const answer = { tool: 'checkov', check: 'CKV_K8S_11', reason: 'there is none on purpose' } as const
  const answered = (of: 'all' | string[]) => unanswered([finding], [{ ...answer, of }])
  assert.deepEqual(answered('all'), { open: [], stale: [] })
  assert.deepEqual(answered(['Deployment/gateway']), { open: [], stale: [] })
  assert.deepEqual(answered(['Deployment/audit']), { open: [finding], stale: ['checkov CKV_K8S_11'] })
  const stale = ['checkov CKV_K8S_11 on Deployment/audit']
  assert.deepEqual(answered(['Deployment/gateway', 'Deployment/audit']), { open: [], stale })
  assert.deepEqual(unanswered([], [{ ...answer, of: 'all' }]).stale, ['checkov CKV_K8S_11'])
})

test('each answer in exceptions.yaml has a reason', () => {
  assert.ok(Exceptions.parse(manifestsIn(join(kubernetesFolder, 'exceptions.yaml'))[0]).length > 5)
})
