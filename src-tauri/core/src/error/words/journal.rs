//! The words of what is wrong with the journal.

use super::{Severity, Words, words};
use crate::words::Label;

pub(super) const JOURNAL_DAMAGED: Words = words(
    Severity::Danger,
    Label::new(
        "流水已损坏（{place}），以只读方式打开。",
        "流水已損毀（{place}），以唯讀方式開啟。",
        "The journal is damaged ({place}) and opens read-only.",
    ),
    Label::new(
        "不能收款，也不再查询；未结束的订单是否已付款，要到网关的商户后台核对。原有记录没有改动。",
        "不能收款，亦不再查詢；未結束的訂單是否已付款，須到網關的商戶後台核對。原有記錄沒有改動。",
        "The till neither sells nor asks: whether open orders were paid must be looked up in the gateway's back office. The \
         records were not changed.",
    ),
    Label::new(
        "请先把整个数据文件夹复制到安全的地方，再在命令行试 journal rebuild。不行的话，导出需要的记录，再用备份恢复（journal restore），或用新的数据文件夹启动。",
        "請先把整個資料夾複製到安全的地方，再在命令列試 journal rebuild。不行的話，匯出所需記錄，再以備份還原（journal restore），或以新的資料夾啟動。",
        "Copy the whole data folder to a safe place, then try journal rebuild on the command line. If it refuses, export what you need and \
         restore a backup (journal restore), or start with a new data folder.",
    ),
);

pub(super) const DISK_LOW: Words = words(
    Severity::Warning,
    Label::new("磁盘只剩 {left}。", "磁碟只餘 {left}。", "Only {left} of disk space is left."),
    Label::new(
        "现在还能收款和记录。磁盘一满就不能再收。",
        "現在仍可收款和記錄。磁碟一滿便不能再收。",
        "Selling and recording still work. Once the disk is full nothing can be sold.",
    ),
    Label::new("请尽快腾出空间。", "請盡快騰出空間。", "Free some space soon."),
);

pub(super) const JOURNAL_OF_OTHER_KIND: Words = words(
    Severity::Warning,
    Label::new(
        "这个文件夹属于另一种收银台：把练习用的当成真的打开，或者把真的当成练习用的打开。",
        "這個資料夾屬於另一種收銀台：把練習用的當作真的開啟，或把真的當作練習用的開啟。",
        "This folder is the other kind of till's: a practice till's was opened as a real one, or a real one's as a practice till.",
    ),
    Label::new(
        "没有打开，也没有改动；没有收款。",
        "沒有開啟，亦沒有改動；沒有收款。",
        "It was neither opened nor changed, and no money moved.",
    ),
    Label::new(
        "练习用的收银台请用它上一级的文件夹加 --training 打开；真的收银台请换自己的文件夹（--data-dir）。",
        "練習用的收銀台請以其上一級資料夾加 --training 開啟；真的收銀台請換自己的資料夾（--data-dir）。",
        "Open a practice till by the folder above its own, with --training; a real till by a folder of its own (--data-dir).",
    ),
);

pub(super) const JOURNAL_CANNOT_RECORD: Words = words(
    Severity::Danger,
    Label::new(
        "流水文件已损坏（{place}）：网关的回答可能记不下来。",
        "流水檔案已損毀（{place}）：網關的回覆可能無法記錄。",
        "The journal's file is damaged ({place}): what gateways answer may not be recorded.",
    ),
    Label::new(
        "不再收新的款，也不发出新的退款。这里还开着的订单可能已经付款：请先到网关的商户后台核对，再交货或再收一次。",
        "不再收新的款項，亦不發出新的退款。這裏仍未結束的訂單可能已經付款：請先到網關的商戶後台核對，再交貨或再收一次。",
        "Nothing new is sold or refunded. Orders that are open here may be paid: look them up in the gateway's back office before \
         you hand anything over or charge again.",
    ),
    Label::new(
        "请关闭收银台，把整个数据文件夹复制到安全的地方，然后在命令行运行 journal rebuild；不行的话，用备份恢复（journal restore）。",
        "請關閉收銀台，把整個數據資料夾複製到安全的地方，然後在命令列執行 journal rebuild；不行的話，以備份還原（journal restore）。",
        "Close the till and copy the whole data folder to a safe place. Then run journal rebuild on the command line; if that does \
         not help, restore a backup (journal restore).",
    ),
);

pub(super) const JOURNAL_UNOPENABLE: Words = words(
    Severity::Danger,
    Label::new(
        "{place} 不是流水，或者连文件开头都读不出来。",
        "{place} 並非流水，或連檔案開頭都無法讀取。",
        "{place} is not a journal, or not even its beginning can be read.",
    ),
    Label::new(
        "不能收款，也不能查询，从这个文件也导不出记录；未结束的订单是否已付款，要到网关的商户后台核对。文件没有改动。",
        "不能收款，亦不能查詢，亦無法從此檔案匯出記錄；未結束的訂單是否已付款，須到網關的商戶後台核對。檔案沒有改動。",
        "The till neither sells nor asks, and nothing can be exported from this file: whether open orders were paid must be \
         looked up in the gateway's back office. The file was not changed.",
    ),
    Label::new(
        "请先把整个数据文件夹复制到安全的地方，再在命令行用备份恢复（journal restore）；没有备份的话，用新的数据文件夹启动。未结束的订单请到网关的商户后台核对。",
        "請先把整個數據資料夾複製到安全的地方，再在命令列以備份還原（journal restore）；如沒有備份，以新的數據資料夾啟動。未結束的訂單請到網關的商戶後台核對。",
        "Copy the whole data folder to a safe place, then restore a backup on the command line (journal restore); without one, start \
         with a new data folder. Look open orders up in the gateway's back office.",
    ),
);

pub(super) const JOURNAL_PART_UNREADABLE: Words = words(
    Severity::Danger,
    Label::new(
        "流水里有一部分读不出来：{part}。",
        "流水有一部分無法讀取：{part}。",
        "Part of the journal cannot be read: {part}.",
    ),
    Label::new(
        "这一部分停用：读不出来的订单不再查询，是否已付款要到网关的商户后台核对。其余记录仍可读取，原有记录没有改动。",
        "這一部分停用：無法讀取的訂單不再查詢，是否已付款須到網關的商戶後台核對。其餘記錄仍可讀取，原有記錄沒有改動。",
        "It is not in use: an order that cannot be read is not asked about, and whether it was paid must be looked up in the \
         gateway's back office. The other records can be read as before, and none was changed.",
    ),
    Label::new(
        "如果这里用过更新的版本，请换回那个版本。否则请到网关的商户后台核对，导出记录，再联系技术支持。",
        "如這裏曾使用較新的版本，請換回該版本。否則請到網關的商戶後台核對，匯出記錄，再聯絡技術支援。",
        "If a newer version of this program was used here, go back to that one. Otherwise look it up in the gateway's back \
         office, export the records and ask for support.",
    ),
);

pub(super) const JOURNAL_NOT_WHOLE: Words = words(
    Severity::Danger,
    Label::new(
        "流水没有通过核验（{place}）。",
        "流水沒有通過核驗（{place}）。",
        "The journal did not pass its verification ({place}).",
    ),
    Label::new(
        "收款和查询照常，核验没有改动任何记录。款项以网关的商户后台为准。",
        "收款及查詢照常，核驗沒有改動任何記錄。款項以網關的商戶後台為準。",
        "Selling and asking go on, and verifying changed nothing. For the money trust the gateway's back office.",
    ),
    Label::new(
        "请先把整个数据文件夹复制到安全的地方，再在命令行核验流水：会说明哪里不对、该怎么办。",
        "請先把整個數據資料夾複製到安全的地方，再在命令列核驗流水：會說明問題所在及處理方法。",
        "Copy the whole data folder to a safe place, then verify the journal on the command line: that says what is wrong and \
         what to do.",
    ),
);

pub(super) const JOURNAL_NEWER: Words = words(
    Severity::Danger,
    Label::new(
        "流水由更新的版本写成（格式 {found}，本程序只认识到 {known}）。",
        "流水由較新的版本寫成（格式 {found}，本程式只認識至 {known}）。",
        "The journal was written by a newer version (format {found}; this program knows up to {known}).",
    ),
    Label::new(
        "流水没有打开，也没有改动；没有收款。未结束的订单仍可能有人付款，换上新版本后会查询。",
        "流水沒有開啟，亦沒有改動；沒有收款。未結束的訂單仍可能有人付款，換上新版本後會查詢。",
        "It was neither opened nor changed, and no money moved. Open orders may still be paid; the newer version will ask \
         about them.",
    ),
    Label::new("请安装新版本再启动。", "請安裝新版本再啟動。", "Install the newer version and start again."),
);

pub(super) const NOTHING_SO_NAMED: Words = words(
    Severity::Info,
    Label::new(
        "没有叫“{name}”的账户、付款方式或人员。",
        "沒有名為「{name}」的帳戶、付款方式或人員。",
        "No account, channel or person goes by “{name}”.",
    ),
    Label::new(
        "什么都没有找，也没有导出；流水没有受影响。",
        "沒有尋找，也沒有匯出任何資料；流水不受影響。",
        "Nothing was looked for or exported; the journal is not affected.",
    ),
    Label::new(
        "请核对名称，大小写要一致：account list、channels 和 operator list 列出所有名称。",
        "請核對名稱，大小寫須一致：account list、channels 及 operator list 列出所有名稱。",
        "Check the name, capital letters too: account list, channels and operator list show them all.",
    ),
);

pub(super) const EXPORT_CANCELLED: Words = words(
    Severity::Info,
    Label::new("导出已取消。", "匯出已取消。", "The export was cancelled."),
    Label::new(
        "没有留下写到一半的文件夹，流水没有受影响。",
        "沒有留下寫到一半的資料夾，流水不受影響。",
        "No half-written folder was left; the journal is not affected.",
    ),
    Label::new("需要时再导出一次。", "有需要時可再次匯出。", "Export again when you need it."),
);
