import { CheckIcon, WarnIcon } from '../../../components/icons.tsx'
import { Money } from '../../../components/money.tsx'
import type { Sides } from '../../../money/totals.ts'
import { isBalanced } from './journal-draft.ts'

type BalanceOfLegsProps = {
  readonly sides: readonly Sides[]
  /** One has tried to go on with it as it is. */
  readonly wrong: boolean
}

/** What leaves and what comes in each currency, and what is missing on which side. */
export function BalanceOfLegs({ sides, wrong }: BalanceOfLegsProps) {
  return (
    <div role="status" aria-label="Balance of the legs" className="rounded-xl bg-sunken px-4 py-3">
      {sides.length === 0 ? <p className="text-sm text-ink-soft">Nothing moves yet.</p> : null}
      <ul className="space-y-1">
        {sides.map((side) => (
          <Side key={side.currency} side={side} wrong={wrong} />
        ))}
      </ul>
    </div>
  )
}

function Side({ side, wrong }: { readonly side: Sides; readonly wrong: boolean }) {
  const { currency, outMinor, inMinor } = side
  const missing = outMinor - inMinor
  const balanced = isBalanced(side)
  const tone = balanced ? 'text-good' : wrong ? 'text-bad' : 'text-warn'
  const Mark = balanced ? CheckIcon : WarnIcon
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-6 gap-y-1">
      <span className="text-sm">
        Out <Money minor={outMinor.toString()} currency={currency} />, in{' '}
        <Money minor={inMinor.toString()} currency={currency} />
      </span>
      <span className={`flex items-center gap-2 font-semibold ${tone}`}>
        <Mark />
        {balanced ? (
          `${currency} is balanced`
        ) : (
          <span>
            <Money minor={(missing < 0n ? -missing : missing).toString()} currency={currency} /> more has to{' '}
            {missing < 0n ? 'go out' : 'come in'}
          </span>
        )}
      </span>
    </li>
  )
}
