import { useNavigate } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { TextField } from '../../components/field.tsx'
import { Page } from '../../components/page.tsx'
import { AuditTabs } from './audit-tabs.tsx'
import { positionOf } from './positions.ts'

/** Where an audit begins: with an account, or with a payment. */
export function AuditPage() {
  return (
    <Page lead="Read from the log itself, and checked against its hashes. What you look at is written down.">
      <AuditTabs />
      <div className="grid gap-6 lg:grid-cols-2">
        <Card className="p-5 sm:p-6">
          <ReplayForm />
        </Card>
        <Card className="p-5 sm:p-6">
          <RecordForm />
        </Card>
      </div>
    </Page>
  )
}

function ReplayForm() {
  const navigate = useNavigate()
  const [accountId, setAccountId] = useState('')
  const [error, setError] = useState<string>()
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (accountId.trim() === '') return setError('Enter the id of an account, such as ada:main.')
    void navigate({ to: '/audit/accounts/$accountId', params: { accountId: accountId.trim() } })
  }
  return (
    <form onSubmit={submit} noValidate className="space-y-4">
      <h2 className="text-lg font-bold">Replay an account</h2>
      <TextField
        label="Account"
        hint="All that happened to it, step by step, with the balance after each."
        placeholder="ada:main"
        autoCapitalize="none"
        spellCheck={false}
        value={accountId}
        onChange={setAccountId}
        error={error}
      />
      <Button type="submit">Replay</Button>
    </form>
  )
}

function RecordForm() {
  const navigate = useNavigate()
  const [text, setText] = useState('')
  const [error, setError] = useState<string>()
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const position = positionOf(text)
    if (!position) return setError('Enter a payment such as pay-0-1842, or a position such as 0:1842.')
    void navigate({ to: '/audit/records/$position', params: { position } })
  }
  return (
    <form onSubmit={submit} noValidate className="space-y-4">
      <h2 className="text-lg font-bold">Show a record</h2>
      <TextField
        label="Payment or position"
        hint="The record exactly as it stands in the log, who gave the command, and which worker wrote it."
        placeholder="pay-0-1842"
        autoCapitalize="none"
        spellCheck={false}
        value={text}
        onChange={setText}
        error={error}
      />
      <Button type="submit">Show</Button>
    </form>
  )
}
