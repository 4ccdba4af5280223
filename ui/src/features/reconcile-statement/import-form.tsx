import { MAX_STATEMENT_BYTES, type StatementAccepted } from '@micropay/schemas/api/statement'
import { useState } from 'react'
import { Button, LinkButton } from '../../components/button.tsx'
import { Card, Facts } from '../../components/card.tsx'
import { CommandProblem } from '../../components/command-problem.tsx'
import { controlClass, FieldFrame, SelectField } from '../../components/field.tsx'
import { Money } from '../../components/money.tsx'
import { Notice } from '../../components/notice.tsx'
import { useExternalAccounts } from '../../components/use-external-accounts.ts'
import { useImport } from './use-import.ts'

/** Takes a bank's file for an external account, and shows the sums that were checked. */
export function ImportForm() {
  const { accounts } = useExternalAccounts()
  const [account, setAccount] = useState('')
  const [file, setFile] = useState<File>()
  const [missing, setMissing] = useState(false)
  const importing = useImport()
  const tooLarge =
    file !== undefined && file.size > MAX_STATEMENT_BYTES ? 'A statement takes at most 8 MiB.' : undefined
  const fileError = tooLarge ?? (missing && !file ? 'Choose the camt.053 file that the bank sent.' : undefined)
  return (
    <Card className="mb-6 p-4 sm:p-6">
      <h2 className="mb-4 text-lg font-semibold">Import a statement</h2>
      <form
        className="grid items-start gap-4 sm:grid-cols-2"
        onSubmit={(event) => {
          event.preventDefault()
          setMissing(true)
          if (account && file && !tooLarge) importing.send(account, file)
        }}
      >
        <SelectField
          label="External account"
          value={account}
          error={missing && !account ? 'Choose the account that the statement is of.' : undefined}
          onChange={setAccount}
        >
          <option value="">Choose an account</option>
          {accounts.map(({ accountId, name, currency }) => (
            <option key={accountId} value={accountId}>
              {name ? `${name}, ${accountId}` : accountId} ({currency})
            </option>
          ))}
        </SelectField>
        <FieldFrame label="Statement file" hint="camt.053, XML" error={fileError}>
          {(ids) => (
            <input
              {...ids}
              type="file"
              accept=".xml,application/xml,text/xml"
              className={controlClass(
                fileError !== undefined,
                'py-1.5 pl-1.5 text-sm file:mr-3 file:h-7.5 file:rounded-md file:border-0 file:bg-sunken ' +
                  'file:px-3 file:font-semibold file:text-ink',
              )}
              onChange={(event) => {
                importing.forget()
                setFile(event.target.files?.[0])
              }}
            />
          )}
        </FieldFrame>
        <div className="sm:col-span-2">
          <Button type="submit" busy={importing.isPending}>
            {importing.isPending ? 'Importing…' : 'Import statement'}
          </Button>
        </div>
      </form>
      {importing.failure ? (
        <div className="mt-5">
          <CommandProblem failure={importing.failure} />
        </div>
      ) : null}
      {importing.answer ? (
        <Imported statement={importing.answer.value} position={importing.answer.position ?? undefined} />
      ) : null}
    </Card>
  )
}

type ImportedProps = { readonly statement: StatementAccepted; readonly position: string | undefined }

function Imported({ statement, position }: ImportedProps) {
  const { currency, statementId, accountId } = statement
  const money = (minor: string) => <Money minor={minor} currency={currency} />
  return (
    <div className="mt-5">
      <Notice
        tone="good"
        title="The statement adds up and is imported"
        action={
          <LinkButton to="/reconcile/$statementId" params={{ statementId }} search={{ account: accountId, position }}>
            See what matches
          </LinkButton>
        }
      >
        <Facts
          facts={[
            ['Statement', statementId],
            ['Opening balance', money(statement.opening)],
            ['Credits', money(statement.credits)],
            ['Debits', money(`-${statement.debits}`)],
            ['Closing balance', money(statement.closing)],
            ['Lines', String(statement.lines)],
            ['SHA-256 of the file', statement.sha256 ?? 'Not kept'],
          ]}
        />
      </Notice>
    </div>
  )
}
