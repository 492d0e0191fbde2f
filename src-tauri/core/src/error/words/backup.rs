//! The words of what can be wrong with a backup, and with putting one in the journal's place.

use super::{Severity, Words, words};
use crate::words::Label;

const NOTHING_BACKED_UP: Label = Label::new(
    "没有写出备份。收款照常，流水没有受影响。",
    "沒有寫出備份。收款如常，流水不受影響。",
    "No backup was written. Selling goes on; the journal is not affected.",
);

const NOTHING_RESTORED: Label = Label::new(
    "没有恢复任何内容，现在的流水没有改动。",
    "沒有還原任何內容，現有流水沒有改動。",
    "Nothing was restored; the journal that is here was not changed.",
);

pub(super) const BACKUP_TAKEN: Words = words(
    Severity::Info,
    Label::new("{file} 已经存在。", "{file} 已經存在。", "{file} is there already."),
    NOTHING_BACKED_UP,
    Label::new(
        "备份从不改写已有的文件：请换一个新的文件名。",
        "備份從不改寫已有的檔案：請改用新的檔案名稱。",
        "A backup never replaces a file: give it a name that is not there yet.",
    ),
);

pub(super) const BACKUP_FOLDER_SYNCED: Words = words(
    Severity::Warning,
    Label::new(
        "{folder} 由 {client} 同步，备份不能放在那里。",
        "{folder} 由 {client} 同步，備份不可放在該處。",
        "{folder} is kept in step by {client}: a backup cannot lie there.",
    ),
    Label::new(
        "没有写出备份。收款照常，流水没有受影响。同步软件会在写到一半时上传，也会拿别处的旧文件替换它：这样的备份靠不住。",
        "沒有寫出備份。收款如常，流水不受影響。同步程式會在寫到一半時上載，亦會以別處的舊檔案取代它：這樣的備份並不可靠。",
        "No backup was written. Selling goes on; the journal is not affected. Such a program uploads what is half written, and may \
         put an older file from elsewhere in its place: nobody could rely on that backup.",
    ),
    Label::new(
        "请备份到不同步的文件夹，最好在另一块磁盘上。备份完成之后，可以把文件再复制到同步文件夹。",
        "請備份至不同步的資料夾，最好在另一隻磁碟上。備份完成後，可再把檔案複製到同步資料夾。",
        "Back up to a folder that is not kept in step, best on another disk. Once the backup is done, its file may be copied into \
         the other folder.",
    ),
);

pub(super) const BACKUP_DAMAGED: Words = words(
    Severity::Danger,
    Label::new(
        "{file} 没有通过核验（{place}），不能用来恢复。",
        "{file} 沒有通過核驗（{place}），不可用作還原。",
        "{file} does not verify ({place}) and cannot be restored.",
    ),
    NOTHING_RESTORED,
    Label::new(
        "请用另一份备份。journal verify 加上这个文件会说明哪里不对。请保留这个文件。",
        "請用另一份備份。journal verify 加上此檔案會說明問題所在。請保留此檔案。",
        "Use another backup. `journal verify` with this file says what is wrong with it. Keep the file.",
    ),
);

pub(super) const BACKUP_OF_ANOTHER: Words = words(
    Severity::Danger,
    Label::new(
        "{file} 是另一台收银台（{theirs}）的备份，这里是 {ours}。",
        "{file} 是另一部收銀台（{theirs}）的備份，這裏是 {ours}。",
        "{file} is a backup of another till ({theirs}); this one is {ours}.",
    ),
    NOTHING_RESTORED,
    Label::new(
        "请用这台收银台自己的备份。要让那台收银台在这里继续，请用一个新的空数据文件夹恢复。",
        "請用這部收銀台本身的備份。如要讓該收銀台在這裏繼續，請在一個全新的空資料夾還原。",
        "Use a backup of this till. To take the other one up on this computer, restore into a new, empty data folder.",
    ),
);

pub(super) const BACKUP_OF_UNKNOWN: Words = words(
    Severity::Danger,
    Label::new(
        "看不出 {file} 是不是这台收银台的备份：现在的流水读不出来，密钥环里也没有收银台 {theirs} 的密钥。",
        "未能確定 {file} 是否這部收銀台的備份：現有流水無法讀取，密鑰圈內亦沒有收銀台 {theirs} 的密鑰。",
        "Whether {file} is a backup of this till cannot be told: the journal that is here cannot be read, and the keyring has no \
         key of till {theirs}.",
    ),
    NOTHING_RESTORED,
    Label::new(
        "确定是这台的备份的话，请把现在的流水文件移到安全的地方，再恢复一次。",
        "如確定是這部收銀台的備份，請把現有流水檔案移到安全的地方，再還原一次。",
        "If you are sure that it is, move the journal's files that are here to a safe place, and restore again.",
    ),
);

pub(super) const BACKUP_IS_TRAINING: Words = words(
    Severity::Danger,
    Label::new(
        "{file} 是练习的备份，里面没有真实款项。",
        "{file} 是練習的備份，其中沒有真實款項。",
        "{file} is a backup of training: no real money is in it.",
    ),
    NOTHING_RESTORED,
    Label::new(
        "请用正式收银台的备份；练习的备份只能恢复到练习里。",
        "請用正式收銀台的備份；練習的備份只可還原至練習。",
        "Use a backup of the real till. One of training is restored into training only.",
    ),
);

pub(super) const BACKUP_IS_REAL: Words = words(
    Severity::Danger,
    Label::new(
        "{file} 是正式收银台的备份，这里是练习。",
        "{file} 是正式收銀台的備份，這裏是練習。",
        "{file} is a backup of a real till, and this is training.",
    ),
    NOTHING_RESTORED,
    Label::new(
        "请在正式收银台恢复它：命令里不要写 --training。",
        "請在正式收銀台還原：命令內不要寫 --training。",
        "Restore it into the real till: leave out --training.",
    ),
);

pub(super) const JOURNAL_RESTORED: Words = words(
    Severity::Danger,
    Label::new(
        "流水在 {day} 用备份恢复过：{until} 之后、恢复之前的记录不在里面。",
        "流水在 {day} 以備份還原過：{until} 之後、還原之前的記錄不在其中。",
        "The journal was restored from a backup on {day}: what happened between {until} and the restore is not in it.",
    ),
    Label::new(
        "其间收的款、退的款，这里不知道，只有网关知道：同一笔钱可能退两次。恢复之前的订单里，这次启动时还没有结束的有 {open} 张。",
        "其間收取及退回的款項，這裏並不知道，只有網關知道：同一筆款項可能退兩次。還原之前的訂單之中，今次啟動時仍未結束的有 {open} 張。",
        "What was paid and given back in between is known at the gateways only: the same money could go back twice. Orders from before \
         the restore that were open at this start: {open}.",
    ),
    Label::new(
        "退款之前，请先在网关的商户后台核对这笔付款有没有退过。原来的流水文件还在数据文件夹里。",
        "退款之前，請先在網關的商戶後台核對這筆付款有沒有退過。原有流水檔案仍在資料夾內。",
        "Before you give money back, look in the gateway's back office whether it went back already. The journal's former file, \
         where there was one, is in the till's folder.",
    ),
);

pub(super) const BACKUP_FAILED: Words = words(
    Severity::Warning,
    Label::new(
        "没有新的每日备份（{folder}）：{cause}。",
        "沒有新的每日備份（{folder}）：{cause}。",
        "There is no new daily backup ({folder}): {cause}.",
    ),
    Label::new(
        "收款照常，款项不变。以前的备份一份也没有删。",
        "收款如常，款項不變。之前的備份一份也沒有刪除。",
        "Selling goes on; the money stays as it is. No earlier backup was removed.",
    ),
    Label::new(
        "请检查那个文件夹和它的磁盘，或在设置里另选一个；开着的收银台十分钟后会再试。流水没有通过核验的话，请在命令行核验它。",
        "請檢查該資料夾及其磁碟，或在設定另選一個；開啟中的收銀台十分鐘後會再試。如流水沒有通過核驗，請在命令列核驗。",
        "Check that folder and its disk, or choose another in the settings; an open till tries again after ten minutes. If the journal \
         does not verify, verify it on the command line.",
    ),
);
