import { AlertDialog } from '@base-ui/react/alert-dialog'
import type { ReactNode } from 'react'
import { Button, buttonClass } from './button.tsx'

type ConfirmDialogProps = {
  readonly open: boolean
  readonly onOpenChange: (open: boolean) => void
  readonly title: string
  /** What will happen, in a sentence. */
  readonly effect: ReactNode
  readonly confirm: string
  /** On the button that leaves all as it is. */
  readonly dismiss?: string
  readonly danger?: boolean
  readonly busy?: boolean
  readonly disabled?: boolean
  readonly onConfirm: () => void
  readonly children?: ReactNode
}

/** Asks once before something that others will feel, and says what that is. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const {
    open,
    onOpenChange,
    title,
    effect,
    confirm,
    dismiss = 'Cancel',
    danger = false,
    busy = false,
    disabled = false,
    onConfirm,
    children,
  } = props
  return (
    <AlertDialog.Root open={open} onOpenChange={onOpenChange}>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop
          className="fixed inset-0 z-40 bg-shade transition-opacity duration-150 data-ending-style:opacity-0
            data-starting-style:opacity-0"
        />
        <AlertDialog.Popup
          className="fixed inset-x-0 bottom-0 z-50 mx-auto flex max-h-dvh w-full flex-col gap-4 overflow-y-auto
            rounded-t-2xl border border-line bg-raised p-6 shadow-float transition duration-150
            data-ending-style:translate-y-2 data-ending-style:opacity-0 data-starting-style:translate-y-2
            data-starting-style:opacity-0 sm:top-1/2 sm:bottom-auto sm:max-w-md sm:-translate-y-1/2 sm:rounded-2xl
            sm:data-ending-style:-translate-y-1/2 sm:data-starting-style:-translate-y-1/2"
        >
          <AlertDialog.Title className="text-lg font-bold">{title}</AlertDialog.Title>
          <AlertDialog.Description render={<div />} className="text-ink-soft">
            {effect}
          </AlertDialog.Description>
          {children}
          <div className="mt-2 flex flex-col-reverse gap-2 sm:flex-row sm:justify-end">
            <AlertDialog.Close className={buttonClass('secondary')}>{dismiss}</AlertDialog.Close>
            <Button look={danger ? 'danger' : 'primary'} busy={busy} disabled={disabled} onClick={onConfirm}>
              {confirm}
            </Button>
          </div>
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  )
}
