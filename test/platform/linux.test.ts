// The Linux adapter passes the same suite as the virtual desktop, on a real Chromium and on real dialogs.
import { runAcceptance } from './acceptance.ts';
import { DIALOG_CAN, DialogStage } from './dialog-stage.ts';
import { BrowserStage, CHROMIUM_CAN, startLab } from './linux-stage.ts';

runAcceptance('Chromium on X11', { can: CHROMIUM_CAN, start: async () => BrowserStage.start(await startLab()) });
runAcceptance('GTK 3 on X11', { can: DIALOG_CAN, start: async () => new DialogStage(await startLab(), 'gtk3') });
runAcceptance('Qt 5 on X11', { can: new Set([...DIALOG_CAN].filter((name) => name !== 'select')), start: async () => new DialogStage(await startLab(), 'qt5') });
