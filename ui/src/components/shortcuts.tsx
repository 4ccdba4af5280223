import { useRef } from 'react'
import { Button } from './button.tsx'
import { useKeys } from './use-keys.ts'

export type Shortcut = readonly [key: string, does: string]

/** Says which keys there are, by a button and by `?`. Where there is no keyboard, there is no button. */
export function Shortcuts({ keys }: { readonly keys: readonly Shortcut[] }) {
  const help = useRef<HTMLDialogElement>(null)
  const show = () => help.current?.showModal()
  useKeys({ '?': show })
  return (
    <>
      <Button look="quiet" className="max-sm:hidden" onClick={show}>
        Shortcuts ?
      </Button>
      <dialog
        ref={help}
        aria-label="Keyboard shortcuts"
        className="m-auto max-w-md rounded-2xl border border-line bg-raised p-6 text-ink shadow-float backdrop:bg-shade"
      >
        <h2 className="mb-3 text-lg font-bold">Keyboard shortcuts</h2>
        <dl className="mb-5 grid grid-cols-[auto_1fr] gap-x-5 gap-y-2">
          {[...keys, showKeys].map(([key, does]) => (
            <div key={key} className="contents">
              <dt>
                <kbd className="rounded border border-line-strong bg-sunken px-2 py-0.5 text-sm">{key}</kbd>
              </dt>
              <dd className="text-ink-soft">{does}</dd>
            </div>
          ))}
        </dl>
        <Button look="secondary" onClick={() => help.current?.close()}>
          Close
        </Button>
      </dialog>
    </>
  )
}

const showKeys: Shortcut = ['?', 'Show these keys']
