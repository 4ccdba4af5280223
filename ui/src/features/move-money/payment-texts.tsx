import type { Problem } from '@micropay/schemas/api/problem'
import { fieldErrorOf } from '../../api/problem.ts'
import { TextField } from '../../components/field.tsx'

type Texts = { readonly reference: string; readonly description: string }
type PaymentTextsProps = {
  readonly texts: Texts
  readonly problem: Problem | undefined
  readonly hint: string
  readonly onChange: (change: Partial<Texts>) => void
}

/** What a payment is for. */
export function PaymentTexts({ texts, problem, hint, onChange }: PaymentTextsProps) {
  return (
    <>
      <TextField
        label="Reference"
        optional
        maxLength={140}
        value={texts.reference}
        onChange={(reference) => onChange({ reference })}
        error={fieldErrorOf(problem, '/reference')}
        hint={hint}
      />
      <TextField
        label="Description"
        optional
        maxLength={500}
        value={texts.description}
        onChange={(description) => onChange({ description })}
        error={fieldErrorOf(problem, '/description')}
      />
    </>
  )
}
