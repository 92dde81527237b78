// The Linux adapter passes the same suite as the virtual desktop, on real browsers and on real dialogs of each toolkit.
import { runAcceptance } from './acceptance.ts';
import { DIALOG_CAN, DialogStage, GTK4_CAN } from './dialog-stage.ts';
import { BrowserStage, CHROMIUM_CAN, FIREFOX_CAN, startLab } from './linux-stage.ts';

runAcceptance('Chromium on X11', { can: CHROMIUM_CAN, start: async () => BrowserStage.start(await startLab()) });
runAcceptance('Firefox on X11', { can: FIREFOX_CAN, start: async () => BrowserStage.start(await startLab(), 'firefox') });
runAcceptance('GTK 3 on X11', { can: DIALOG_CAN, start: async () => new DialogStage(await startLab(), 'gtk3') });
runAcceptance('GTK 4 on X11', { can: GTK4_CAN, start: async () => new DialogStage(await startLab(), 'gtk4') });
runAcceptance('Qt 5 on X11', { can: DIALOG_CAN, start: async () => new DialogStage(await startLab(), 'qt5') });
