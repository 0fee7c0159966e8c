/** What the nodes and the credential say of their fields, in Chinese, by the English text: when that changes, this must too. */
export const CHINESE: Readonly<Record<string, string>> = {
	// Fields that several operations have
	'ID of the chat whose files are meant. By default it is taken from the input item: its chatId or chat_id, that of the record of a file, or the sessionId that the Chat Trigger gives.':
		'聊天的 ID。默认取自输入项：它的 chatId 或 chat_id，文件记录里的聊天，或 Chat Trigger 给出的 sessionId。',
	'Whether to return all results or only up to a given limit': '返回全部，还是不超过 Limit',
	'Max number of results to return': '最多返回多少条',
	'Absolute path of a folder on the machine that runs n8n (in queue mode: the worker). It must be one that n8n allows workflows to use: by default only ~/.n8n-files and what is below.':
		'运行 n8n 的机器（队列模式下是 worker）上文件夹的完整路径。必须是 n8n 允许工作流使用的文件夹：默认只有 ~/.n8n-files 及其下级。',
	'Absolute path of a folder on the machine that runs n8n (in queue mode: the worker). It must be one that n8n allows workflows to use: by default only ~/.n8n-files and what is below. It is created when it does not exist and there is something to write.':
		'运行 n8n 的机器（队列模式下是 worker）上文件夹的完整路径。必须是 n8n 允许工作流使用的文件夹：默认只有 ~/.n8n-files 及其下级。不存在时，有文件要写才会创建。',
	"Whether to give the node three outputs (Success, Skipped and Failed) instead of one. In a sync a failed file goes to Failed. In the other operations it still stops the workflow, unless On Error in the node's settings says to continue.":
		'节点有三个输出（Success、Skipped、Failed），而不是一个。同步里失败的文件到 Failed；其他操作里它仍会停止工作流，除非节点设置里的 On Error 选为继续。',
	'Return only entries whose name matches this text. Leave it empty to return all.':
		'只返回名称匹配这段文字的条目。留空则返回全部。',
	'The file: its ID, a whole number as uploads and lists give it, or picked from the newest files. IDs beyond 9007199254740991 must be passed as text.':
		'哪个文件：填上传和列表给出的 ID（整数），或从最新的文件里选。超过 9007199254740991 的 ID 必须以文本传入。',
	'Absolute path of a file on the machine that runs n8n (in queue mode: the worker). It must be in a folder that n8n allows workflows to use: by default only ~/.n8n-files and what is below.':
		'运行 n8n 的机器（队列模式下是 worker）上文件的完整路径。必须在 n8n 允许工作流使用的文件夹里：默认只有 ~/.n8n-files 及其下级。',
	'Name of the binary field of the output item that gets the downloaded file':
		'输出项里存放下载文件的二进制字段',

	// File: Upload
	'Where the file is now': '文件现在在哪里',
	'Files of the input item, as other nodes output them': '输入项里的文件，由其他节点输出',
	'A file of the machine that runs n8n, without a detour through the storage of n8n':
		'运行 n8n 的机器上的文件，不经过 n8n 的存储',
	'Name of the binary field to upload, several names separated by commas, or * for every binary field of the item. Each file gives one output item.':
		'要上传的二进制字段；多个用逗号分隔，* 表示该项的所有二进制字段。每个文件一个输出项。',
	'The part of the BDD platform that the file belongs to': '文件属于 BDD 平台的哪个业务',
	'The file belongs to a chat': '属于一个聊天',
	'The business that is set in the credential': '凭证里设置的业务',
	'The file belongs to a knowledge base': '属于知识库',
	'The file belongs to Zero2x': '属于 Zero2x',
	'ID of the chat that gets the file; required when the business is chat. By default it is taken from the input item: its chatId or chat_id, that of the record of a file, or the sessionId that the Chat Trigger gives.':
		'文件要放进的聊天的 ID；业务为 chat 时必填。默认取自输入项：它的 chatId 或 chat_id，文件记录里的聊天，或 Chat Trigger 给出的 sessionId。',
	'What a business other than chat needs to know about the file: a JSON object that is passed on as it is':
		'chat 以外的业务需要知道的信息：原样传递的 JSON 对象',
	'How the file is sent': '文件怎样发送',
	'The mode that is set in the credential': '凭证里设置的方式',

	// File: Download, Get Link, Delete
	'Where the file goes': '文件放到哪里',
	'A file of the output item, for the nodes that follow': '输出项里的文件，供后面的节点使用',
	'Absolute path on the machine that runs n8n (in queue mode: the worker): an existing folder, in which the file keeps its name, or the whole path of the file. It must be in a folder that n8n allows workflows to use: by default only ~/.n8n-files and what is below.':
		'运行 n8n 的机器（队列模式下是 worker）上的完整路径：一个已有的文件夹（文件保留原名），或文件的完整路径。必须在 n8n 允许工作流使用的文件夹里：默认只有 ~/.n8n-files 及其下级。',
	'How long the link works, in seconds. Anybody who has the link can download the file until then.':
		'链接有效的秒数。在此之前，拿到链接的人都能下载。',
	'The file to delete for good: its ID, a whole number, or picked from the newest files. By default it is the fileId of an input item that has not failed and was not skipped, or the id of an item that is the record of a file, as lists give it.':
		'要彻底删除的文件：填 ID（整数），或从最新的文件里选。默认取没有失败、也没有被跳过的输入项的 fileId，或者列表给出的文件记录的 id。',

	// Directories
	'The directory whose files are meant: pick it from the list, or give its ID':
		'哪个目录的文件：从列表里选，或填它的 ID',
	'The order of the directories': '目录的顺序',
	'The order of the files': '文件的顺序',

	// Options of single files and lists
	'How many parts of a multipart upload are sent at the same time': '分片上传时同时发送几个分片',
	'Name to give the downloaded file. Leave it empty to use the name it has at the service.':
		'给下载的文件取的名称。留空则用它在服务上的名称。',
	'Name to upload the file under. Leave it empty to use the name of the binary data.':
		'以什么名称上传。留空则用二进制数据的名称。',
	'What to do when there already is a file of that name on disk. It matters only when Destination is File on Disk.':
		'磁盘上已有同名文件时怎么办。只在 Destination 为 File on Disk 时有意义。',
	'Replace the file on disk, once the download is complete and verified':
		'下载完整并校验之后，替换磁盘上的文件',
	'Keep the file on disk, whatever its content': '保留磁盘上的文件，不管内容',
	'Keep the file on disk when it has the same size and content, otherwise replace it. That is known when the input item is the record of the file, as lists give it, or the output of an upload.':
		'大小和内容相同时保留磁盘上的文件，否则替换。只有输入项是列表给出的文件记录或上传的输出时才能知道。',
	'What to do when the chat, or the same place of another business, has a file of that name. Anything but Keep Both makes it safe to run the node again after a failure.':
		'聊天（其他业务：同一位置）里已有同名文件时怎么办。除 Keep Both 外，失败后重新运行节点都是安全的。',
	'Upload the file; there may then be several of the same name': '上传；之后可能有多个同名文件',
	'Upload the file, and once it is complete delete the older ones of the same name for good':
		'上传；新文件完整之后，彻底删除旧的同名文件',
	'Upload nothing when there is a file of that name, whatever its content': '有同名文件就不上传，不管内容',
	'Upload nothing when the newest file of that name has the same size and content, otherwise replace it':
		'最新的同名文件大小和内容相同就不上传，否则替换它',
	'What to do when there is no file with this ID, or no longer': '没有这个 ID 的文件（或已经没有）时怎么办',
	'A file that does not exist is an error': '文件不存在就是错误',
	'The item gets the status skipped, with the reason': '该项的状态为 skipped，并带有原因',
	'Return only files whose name contains this text, in upper or lower case. Leave it empty to return all.':
		'只返回名称包含这段文字的文件，不区分大小写。留空则返回全部。',
	'Whether to return only files with the status ok. Otherwise uploads that are still on their way, or have failed, are in the list too.':
		'只返回状态为 ok 的文件。否则列表里也有还在上传的和上传失败的。',
	'Size of one part of a multipart upload, from 5 to 5120. It grows by itself for files that would need more than 10,000 parts.':
		'分片上传时一个分片的大小，5 到 5120。文件会超过 10,000 个分片时自动增大。',
	'Whether to continue an unfinished multipart upload of the same file to the same chat, sending only the missing parts':
		'续传同一文件在同一聊天里未完成的分片上传，只发送缺少的分片',
	'ID of the unfinished multipart upload to continue. If it does not fit this file, the upload starts anew.':
		'要续传的未完成分片上传的 ID。与当前文件不符时重新上传。',
	'Seconds without any progress after which a try of a request is given up. A transfer that moves may take as long as it needs.':
		'多少秒没有任何进展就放弃这次请求。一直在动的传输想用多久都可以。',
	'How many times a request is tried in all when the connection breaks or the service is overloaded. Only what is safe to repeat is repeated.':
		'连接中断或服务过载时，一个请求总共尝试几次。只重试可以安全重复的请求。',
	'Return only files that were uploaded after this time: a date, or a date and a time, in the time zone of the workflow where it names none. A file whose time of upload cannot be read is returned too, since it may be a new one. Leave it empty to return all.':
		'只返回此时间之后上传的文件：日期，或日期和时间；未写时区时按工作流的时区。上传时间读不出来的文件也会返回，因为它可能是新的。留空则返回全部。',
	'User to act for, digits only. It replaces the User ID of the credential.':
		'以哪个用户的身份执行，只含数字。代替凭证里的 User ID。',
	'Whether to check downloaded content against the MD5 or SHA-256 that the service knows. The length is always checked.':
		'用服务所知的 MD5 或 SHA-256 校验下载的内容。长度总是检查。',

	// Options of the syncs
	'How many files are transferred at the same time. Of large ones (above 5 MiB), at most 8 go up at once.':
		'同时传输几个文件。大文件（5 MiB 以上）最多同时上传 8 个。',
	'How many days a file that Propagate Deletions removes from the folder stays in .bdd-file-trash. With 0 it is removed at once and for good.':
		'Propagate Deletions 从文件夹里移走的文件在 .bdd-file-trash 里保留几天。0 表示立即彻底删除。',
	'Whether to report what the sync would do, with the same field "action" on every item, without doing it':
		'只报告同步会做什么，不真的做；每一项的 action 与真正运行时相同',
	'What to do when several files of the chat have the same name': '聊天里有多个同名文件时怎么办',
	'Every file whose name occurs more than once fails': '所有重名的文件都失败',
	'The newest file is downloaded, the others are skipped': '只下载最新的，其余跳过',
	'The oldest file keeps the name, the others get their ID before the extension':
		'最旧的文件保留原名，其余的在扩展名前加上 ID',
	'Leave out files that match one of these glob patterns, separated by commas. It wins over Include.':
		'排除匹配这些 glob 模式之一的文件，用逗号分隔。优先于 Include。',
	'Whether the node fails when a file failed. Everything else is done first; then the node fails with the counts and the first reasons. Otherwise a failed file is only an item with the status failed.':
		'有文件失败时节点也失败。先做完其余的一切，再以数量和最初的几个原因失败。否则失败的文件只是一个状态为 failed 的项。',
	'What to do when another sync of the same folder is running, in any execution or on any machine that shares the folder. Only one runs at a time, or files would be uploaded twice.':
		'同一文件夹的另一个同步正在运行时怎么办，不管是哪次执行、哪台共享这个文件夹的机器。同一时间只运行一个，否则文件会上传两次。',
	'Wait until the other sync has ended, then begin': '等另一个同步结束再开始',
	'Nothing is done; one item with the status skipped says so': '什么都不做；用一个状态为 skipped 的项说明',
	'The node fails, and says who has been syncing the folder and since when':
		'节点失败，并说明谁在同步这个文件夹、从何时开始',
	'What to do with a file that is already in the local folder': '本地文件夹里已有的文件怎么办',
	'Download the file again and replace the local one': '重新下载，替换本地文件',
	'Keep the local file, whatever its content': '保留本地文件，不管内容',
	'Keep the local file when it has the same size and content, otherwise replace it':
		'大小和内容相同时保留本地文件，否则替换',
	'What to do when the chat already has a file of that name': '聊天里已有同名文件时怎么办',
	'Upload the file again, then delete the old one': '重新上传，然后删除旧的',
	'Leave the file of the chat as it is, whatever its content': '聊天里的文件保持原样，不管内容',
	'Leave the file of the chat when it has the same size and content, otherwise replace it':
		'大小和内容相同时聊天里的文件保持原样，否则替换',
	'Sync only files that match one of these glob patterns, separated by commas. Leave it empty for every file.':
		'只同步匹配这些 glob 模式之一的文件，用逗号分隔。留空则同步所有文件。',
	'The brake of Propagate Deletions: when more than this share of the files known from earlier syncs (and more than 10 files) would be removed on a side, nothing at all is done and the node fails with both numbers. It catches a folder or a chat that was emptied by mistake.':
		'Propagate Deletions 的刹车：某一边要删除的超过以前的同步所知文件的这个比例（并且超过 10 个）时，什么都不做，节点失败并给出两个数字。用来防止误清空的文件夹或聊天。',
	'What to do with a file that was edited on both sides since the last sync, or that differs at the first sync. Only Keep Both loses nothing.':
		'上次同步以后两边都改过的文件，或第一次同步时不同的文件怎么办。只有 Keep Both 什么都不会丢。',
	'The local version keeps the name, the chat\'s is kept beside it as "name (conflict ID).ext"':
		'本地版本保留原名，聊天的版本以 “name (conflict ID).ext” 存在旁边',
	'The later one replaces the other, which is lost: time of the local file against time of the upload':
		'较晚的替换另一个，后者丢失：比较本地文件的时间和上传时间',
	'The local version replaces the one of the chat, which is lost': '本地版本替换聊天的版本，后者丢失',
	'The version of the chat replaces the local one, which is lost': '聊天的版本替换本地版本，后者丢失',
	'How much comes out of the node, which is also how much n8n stores of each execution. It changes nothing of what the sync does.':
		'节点输出多少，也就是 n8n 为每次执行保存多少。不影响同步做什么。',
	'One item for each file, also for unchanged ones': '每个文件一项，没变的也有',
	'One item for each file but unchanged ones and those that an option leaves where they are, so none when nothing has changed':
		'每个文件一项，但不含没变的和因选项而留在原处的；什么都没变时没有输出项',
	'Always one item, with counts and the first 20 failures: best for schedules and large chats':
		'总是一项，含计数和前 20 个失败：最适合定时运行和大的聊天',
	'Whether a file that is gone on one side is removed on the other too: from the folder into .bdd-file-trash, where it stays for the Days in Trash, and in the chat for good. Only an unchanged file that an earlier sync has seen on both sides is removed, and Max Delete (%) stops what is too much. Otherwise it comes back from the other side.':
		'一边没有了的文件，另一边也删除：从文件夹移到 .bdd-file-trash，保留 Days in Trash 天；在聊天里则彻底删除。只删除以前的同步在两边都见过、且没有变的文件，Max Delete (%) 会阻止过多的删除。关闭时，它会从另一边传回来。',
	'Whether a file that is gone in the chat is removed from the folder too. It is moved to .bdd-file-trash in the folder, where it stays for the Days in Trash. Only an unchanged file that an earlier sync has seen on both sides is removed, and Max Delete (%) stops what is too much.':
		'聊天里没有了的文件，文件夹里也移走：移到文件夹里的 .bdd-file-trash，保留 Days in Trash 天。只移走以前的同步在两边都见过、且没有变的文件，Max Delete (%) 会阻止过多的删除。',
	'Whether a file that is gone in the folder is deleted in the chat too, for good. Only an unchanged file that an earlier sync has seen on both sides is deleted, and Max Delete (%) stops what is too much.':
		'文件夹里没有了的文件，聊天里也彻底删除。只删除以前的同步在两边都见过、且没有变的文件，Max Delete (%) 会阻止过多的删除。',
	'Whether to upload the files of subfolders too. A chat has no folders: files keep their base name.':
		'也上传子文件夹里的文件。聊天没有文件夹：文件保留自身的文件名。',

	// The trigger
	'Where new files are looked for': '在哪里查找新文件',
	'The files of one chat': '一个聊天的文件',
	'The files in one directory of the service': '服务上一个目录里的文件',
	'ID of the chat whose new files start the workflow': '用哪个聊天的新文件启动工作流，填它的 ID',
	'The directory whose new files start the workflow: pick it from the list, or give its ID':
		'用哪个目录的新文件启动工作流：从列表里选，或填它的 ID',
	"Whether each file comes with its content, as binary data. Otherwise it is the file's record only, and the BDD File node downloads what is needed.":
		'每个文件带上内容（二进制数据）。否则只有文件的记录，需要的由 BDD File 节点下载。',
	'Leave out files whose name matches one of these glob patterns, separated by commas. It wins over Include.':
		'排除名称匹配这些 glob 模式之一的文件，用逗号分隔。优先于 Include。',
	'Only files whose name matches one of these glob patterns start the workflow, separated by commas. Leave it empty for every file.':
		'只有名称匹配这些 glob 模式之一的文件才启动工作流，用逗号分隔。留空则所有文件都可以。',
	'Whether the files that are there when the workflow is first published come out too, the oldest first, 1,000 at most with each poll. Otherwise they are only remembered.':
		'工作流第一次发布时已有的文件也输出，旧的在前，每次查看最多 1,000 个。否则只是记住它们。',

	// The credential
	'Which file service to use': '用哪个文件服务',
	'The service at http://10.200.65.13:2015': '位于 http://10.200.65.13:2015 的服务',
	'The service at http://bdd-file-service': '位于 http://bdd-file-service 的服务',
	'A service at an address of your own': '自己填写地址的服务',
	'Address of the file service, starting with http:// or https://. It may end in a path.':
		'文件服务的地址，以 http:// 或 https:// 开头。可以带路径。',
	'Your user ID on the BDD platform, digits only. Leave it empty to set it in each node, under Options.':
		'你在 BDD 平台的用户 ID，只含数字。留空则在每个节点的 Options 里设置。',
	'The part of the BDD platform that uploaded files belong to, unless the node says otherwise':
		'上传的文件属于 BDD 平台的哪个业务，除非节点另有设置',
	'How files are uploaded, unless the node says otherwise': '文件怎样上传，除非节点另有设置',
	'Simple up to 100 MiB, multipart above': '100 MiB 以内单次上传，超过则分片',
	'In parts that are retried one by one; an interrupted upload can be continued':
		'分片上传，每个分片单独重试；中断的上传可以接着传',
	'In one request': '用一个请求',
	'Whether to connect even if the certificate of the service cannot be verified':
		'即使无法验证服务的证书也连接',
};
