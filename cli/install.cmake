# What `cmake --install BUILD --component vtlab --prefix DIR` puts where: the program, what it starts, its man page and
# what shells offer after Tab. The last two are asked of the program itself.
include(GNUInstallDirs)

install(TARGETS vtlab vtlab-child DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT vtlab)
install(PROGRAMS ${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/vtlab-musl DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT vtlab OPTIONAL)

function(vtlab_install_text file)  # FILE WORD…: what vtlab prints if it is called with these words
  install(CODE "
    set(file \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_DATAROOTDIR}/${file}\")
    get_filename_component(folder \"\${file}\" DIRECTORY)
    file(MAKE_DIRECTORY \"\${folder}\")
    execute_process(COMMAND \"${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/vtlab\" ${ARGN} OUTPUT_FILE \"\${file}\" COMMAND_ERROR_IS_FATAL ANY)
    message(STATUS \"Installing: \${file}\")" COMPONENT vtlab)
endfunction()
vtlab_install_text(man/man1/vtlab.1 manual)
vtlab_install_text(bash-completion/completions/vtlab completion bash)
vtlab_install_text(zsh/site-functions/_vtlab completion zsh)
vtlab_install_text(fish/vendor_completions.d/vtlab.fish completion fish)
