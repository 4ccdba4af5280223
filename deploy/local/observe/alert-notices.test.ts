import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type AlertNotice, alertText, receiveAlerts } from './alert-notices.ts'

const notice: AlertNotice = {
  status: 'firing',
  labels: { alertname: 'ServiceDown', severity: 'page', job: 'audit' },
  annotations: { summary: 'No process of audit answers', runbook_url: 'docs/runbooks/service-down.md' },
}

test('an alert is told with how grave it is and what to do, and that it is over', () => {
  assert.equal(
    alertText(notice),
    '  PAGE: ServiceDown: No process of audit answers\n    what to do: docs/runbooks/service-down.md',
  )
  assert.equal(alertText({ ...notice, status: 'resolved' }), '  over: ServiceDown: No process of audit answers')
})

test('what is no notice is refused, and told to nobody', async () => {
  const told: AlertNotice[] = []
  const notices = await receiveAlerts((each) => void told.push(each))
  const send = async (body: string) => (await fetch(notices.url, { method: 'POST', body })).status
  try {
    for (const body of ['', 'no JSON', '{}', '{"alerts":[{"status":"odd"}]}']) assert.equal(await send(body), 400, body)
    assert.equal(await send(' '.repeat((4 << 20) + 1)), 413)
    assert.deepEqual(told, [])
    assert.equal(await send(JSON.stringify({ alerts: [notice] })), 204)
    assert.deepEqual(told, [notice])
  } finally {
    await notices.close()
  }
})
